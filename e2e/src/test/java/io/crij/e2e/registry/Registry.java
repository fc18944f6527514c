package io.crij.e2e.registry;

import io.crij.e2e.image.SuiteImages;
import io.crij.e2e.image.TestImage;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a free port of loopback, with all test images. */
public final class Registry implements AutoCloseable {
  private static final List<String> HOSTS =
      List.of("docker.io", "gcr.io", "k8s.gcr.io", "public.ecr.aws", "quay.io", "registry.k8s.io");

  /** In the form of htpasswd(1), with bcrypt, which is all that docker-registry knows. */
  private static final String JANE =
      "jane:$2b$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n";

  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private final Process process;
  private final URI address;
  private final List<TestImage> images;
  private final Path storage;

  private Registry(Process process, URI address, List<TestImage> images, Path storage) {
    this.process = process;
    this.address = address;
    this.images = images;
    this.storage = storage;
  }

  /**
   * Starts a registry and pushes the images to it.
   *
   * @param folder for its storage and its log
   */
  static Registry start(Path folder) throws IOException, InterruptedException {
    Setup setup = Setup.read();
    List<String> applets =
        Command.of(setup.debianFiles().resolve("bin/busybox").toString(), "--list").run().lines();
    List<TestImage> images = SuiteImages.make(setup.debianFiles(), setup.goTools(), applets);
    Registry registry = serve(folder, folder.resolve("storage"), images, "");
    try (HttpClient client = HttpClient.newHttpClient()) {
      registry.awaitAnswer(client, 200);
      Push push = new Push(client, registry.address);
      for (TestImage image : images) {
        push.push(image);
      }
    } catch (IOException | InterruptedException e) {
      registry.close();
      throw e;
    }
    return registry;
  }

  /**
   * Starts another one with the same images, which gives them to {@code jane} alone, whose password
   * is {@code correct-horse}.
   *
   * @param folder for its files
   */
  public Registry guarded(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path users = Files.writeString(folder.resolve("htpasswd"), JANE);
    String guard = "auth: {htpasswd: {realm: here, path: %s}}".formatted(users);
    Registry registry = serve(folder, storage, images, guard);
    try (HttpClient client = HttpClient.newHttpClient()) {
      registry.awaitAnswer(client, 401);
      return registry;
    } catch (IOException | InterruptedException e) {
      registry.close();
      throw e;
    }
  }

  /** Starts the program; it may not answer yet. */
  private static Registry serve(Path folder, Path storage, List<TestImage> images, String more)
      throws IOException {
    int port;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Files.createDirectories(folder);
    Path config =
        Files.writeString(
            folder.resolve("config.yml"),
            """
            version: 0.1
            log: {level: warn}
            storage:
              filesystem: {rootdirectory: %s}
            http: {addr: "127.0.0.1:%d"}
            %s
            """
                .formatted(storage, port, more));
    Process process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
    return new Registry(process, URI.create("http://127.0.0.1:" + port), images, storage);
  }

  /** Where it answers. */
  public URI address() {
    return address;
  }

  /** An image by its repository and tag, as in {@code library/busybox:latest}. */
  public TestImage image(String name) {
    return images.stream()
        .filter(image -> name.equals(image.repository() + ":" + image.tag()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such test image: " + name));
  }

  /** The folder that it has its images in: another one can serve it too. */
  public Path storage() {
    return storage;
  }

  /** Writes a {@code certs.d} in containerd's format that sends the public names here. */
  public void writeMirrors(Path certsD) throws IOException {
    writeMirrors(certsD, address.toString());
  }

  /** Writes one that sends them to another address. */
  public static void writeMirrors(Path certsD, String address) throws IOException {
    for (String host : HOSTS) {
      Path folder = Files.createDirectories(certsD.resolve(host));
      Files.writeString(
          folder.resolve("hosts.toml"),
          """
          server = "%1$s"

          [host."%1$s"]
          capabilities = ["pull", "resolve"]
          """
              .formatted(address));
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(1, TimeUnit.MINUTES).join();
  }

  private void awaitAnswer(HttpClient client, int status) throws IOException, InterruptedException {
    HttpRequest ping = HttpRequest.newBuilder(address.resolve("/v2/")).build();
    Instant deadline = Instant.now().plus(START_LIMIT);
    while (true) {
      try {
        if (client.send(ping, BodyHandlers.discarding()).statusCode() == status) {
          return;
        }
      } catch (IOException e) {
        if (!process.isAlive() || Instant.now().isAfter(deadline)) {
          throw new IOException("docker-registry does not answer at " + address, e);
        }
      }
      Thread.sleep(50);
    }
  }
}
