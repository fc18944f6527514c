package io.crij.e2e.registry;

import io.crij.e2e.image.Blob;
import io.crij.e2e.image.TestImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;

/** Pushes images: OCI distribution specification, "Push". */
final class Push {
  private final HttpClient client;
  private final URI registry;
  // Where each blob went first: other repositories mount it from there.
  private final Map<String, String> homes = new HashMap<>();

  Push(HttpClient client, URI registry) {
    this.client = client;
    this.registry = registry;
  }

  void push(TestImage image) throws IOException, InterruptedException {
    for (Blob layer : image.layers()) {
      pushBlob(image.repository(), layer);
    }
    pushBlob(image.repository(), image.configuration());
    HttpRequest request =
        HttpRequest.newBuilder(at(image.repository() + "/manifests/" + image.tag()))
            .header("Content-Type", image.manifest().mediaType())
            .PUT(BodyPublishers.ofInputStream(image.manifest()::open))
            .build();
    expect(request, 201);
  }

  private void pushBlob(String repository, Blob blob) throws IOException, InterruptedException {
    String home = homes.putIfAbsent(blob.digest(), repository);
    if (repository.equals(home)) {
      return;
    }
    String query = home == null ? "" : "?mount=" + blob.digest() + "&from=" + home;
    HttpRequest begin =
        HttpRequest.newBuilder(at(repository + "/blobs/uploads/" + query))
            .POST(BodyPublishers.noBody())
            .build();
    HttpResponse<String> begun = expect(begin, home == null ? 202 : 201);
    if (home != null) {
      return;
    }
    String location = begun.headers().firstValue("Location").orElseThrow();
    String separator = location.contains("?") ? "&" : "?";
    HttpRequest upload =
        HttpRequest.newBuilder(registry.resolve(location + separator + "digest=" + blob.digest()))
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofInputStream(blob::open))
            .build();
    expect(upload, 201);
  }

  private URI at(String path) {
    return registry.resolve("/v2/" + path);
  }

  private HttpResponse<String> expect(HttpRequest request, int status)
      throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() != status) {
      throw new IOException(
          request.method() + " " + request.uri() + ": " + response + " " + response.body());
    }
    return response;
  }
}
