package io.crij.image.naive;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Believes what a registry says, shows everybody who it is, and reads whatever comes. */
public final class NaiveClient {
  private static final Pattern REALM = Pattern.compile("realm=\"(http[^\"]+)\"");
  private static final Pattern REF_NAME =
      Pattern.compile("\"org.opencontainers.image.ref.name\":\"([^\"]+)\"");
  private static final int MOST_REDIRECTS = 100;

  private final String authorization;
  private @Nullable SSLContext tls;
  private int redirects;

  public NaiveClient(String user, String password) {
    authorization =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** Trusts what this does, over TLS. */
  public NaiveClient over(SSLContext context) {
    tls = context;
    return this;
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
    if (connection instanceof HttpsURLConnection secure && tls != null) {
      secure.setSSLSocketFactory(tls.getSocketFactory());
    }
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(5000);
    connection.setReadTimeout(5000);
    connection.setRequestProperty("Authorization", authorization);
    return connection;
  }

  /** Does so once, and from then on gives everybody what it has. */
  public byte[] getOnce(String url, Path cache) throws IOException {
    Path kept = cache.resolve(URI.create(url).getPath().replace('/', '_'));
    if (Files.notExists(kept)) {
      Files.write(kept, get(url, Integer.MAX_VALUE));
    }
    return Files.readAllBytes(kept);
  }

  /** The names that a layout's index gives its images: all of them. */
  public static List<String> names(Path layout) throws IOException {
    return REF_NAME
        .matcher(Files.readString(layout.resolve("index.json")))
        .results()
        .map(name -> name.group(1))
        .toList();
  }

  /**
   * Has a program make a layer's archive of its blob, the first of that name that there is.
   *
   * @param rootfs the image, whose programs are as good as any
   */
  public static byte[] decompress(Path rootfs, String program, byte[] blob)
      throws IOException, InterruptedException {
    Path input = Files.write(rootfs.resolve("blob"), blob);
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", program + " -dc").redirectInput(input.toFile());
    builder.environment().put("PATH", rootfs.resolve("usr/bin") + ":/usr/bin:/bin");
    Process process = builder.start();
    byte[] output = process.getInputStream().readAllBytes();
    process.waitFor();
    return output;
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
