package io.crij.image.naive;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Believes what a registry says, shows everybody who it is, and reads whatever comes. */
public final class NaiveClient {
  private static final Pattern REALM = Pattern.compile("realm=\"([^\"]+)\"");
  private static final int MOST_REDIRECTS = 100;

  private final String authorization;
  private int redirects;

  public NaiveClient(String user, String password) {
    authorization =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** How often it was sent elsewhere. */
  public int redirects() {
    return redirects;
  }

  /**
   * Gets what is at a URL, wherever that leads.
   *
   * @param most bytes, for the test must end
   */
  public byte[] get(String url, int most) throws IOException {
    String next = url;
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      HttpURLConnection connection = open(next);
      int status = connection.getResponseCode();
      if (status >= 300 && status < 400) {
        redirects++;
        next = URI.create(next).resolve(connection.getHeaderField("Location")).toString();
      } else if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
        Matcher realm =
            REALM.matcher(String.valueOf(connection.getHeaderField("WWW-Authenticate")));
        if (!realm.find()) {
          return new byte[0];
        }
        next = realm.group(1);
      } else {
        try (InputStream in = connection.getInputStream()) {
          return in.readNBytes(most);
        }
      }
    }
    return new byte[0];
  }

  private HttpURLConnection open(String url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(5000);
    connection.setReadTimeout(5000);
    connection.setRequestProperty("Authorization", authorization);
    return connection;
  }

  /** What a document is, by what the registry calls it. */
  public static String kind(String mediaType, String document) {
    return mediaType.contains("index") && document.contains("manifests") ? "index" : "image";
  }

  /** Stores a blob under the name that the manifest gives it. */
  public static void store(Path blobs, String digest, byte[] content) throws IOException {
    Path file = Path.of(blobs + "/" + digest.replace(':', '/'));
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }
}
