package io.crij.server.jvm;

import com.google.protobuf.MessageLite;
import io.crij.cri.v1.ContainerStatusRequest;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandboxStatusRequest;
import io.crij.cri.v1.StatusRequest;
import io.crij.cri.v1.VersionRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the server's own socket until the JVM has compiled what short calls need: the first ones of
 * a cold server take ten times as long, and kubelet's come every second. Nothing is changed by
 * these calls.
 */
public final class WarmUp {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  /** The JVM compiles a method after 200 calls of it; more bring nothing that was measurable. */
  private static final int ROUNDS = 250;

  /** HTTP/2 lets a server send 64 KiB on a connection that does not say otherwise. */
  private static final int ROUNDS_A_CONNECTION = 10;

  /** Between rounds, so that pods to be started meanwhile get the processor. */
  private static final Duration PAUSE = Duration.ofMillis(10);

  private static final String NOBODY = "0".repeat(64);
  private static final String RUNTIME = "runtime.v1.RuntimeService/";
  private static final String IMAGES = "runtime.v1.ImageService/";

  private static final Map<String, MessageLite> CALLS =
      Map.of(
          RUNTIME + "Version", VersionRequest.getDefaultInstance(),
          RUNTIME + "Status", StatusRequest.getDefaultInstance(),
          RUNTIME + "ListPodSandbox", ListPodSandboxRequest.getDefaultInstance(),
          RUNTIME + "ListContainers", ListContainersRequest.getDefaultInstance(),
          RUNTIME + "PodSandboxStatus",
              PodSandboxStatusRequest.newBuilder().setPodSandboxId(NOBODY).build(),
          RUNTIME + "ContainerStatus",
              ContainerStatusRequest.newBuilder().setContainerId(NOBODY).build(),
          IMAGES + "ListImages", ListImagesRequest.getDefaultInstance(),
          IMAGES + "ImageStatus",
              ImageStatusRequest.newBuilder()
                  .setImage(ImageSpec.newBuilder().setImage("localhost/warm-up"))
                  .build());

  private final Path socket;

  /**
   * @param socket where the CRI is served
   */
  public WarmUp(Path socket) {
    this.socket = socket;
  }

  /** Begins, and returns at once. */
  public void start() {
    Thread.ofVirtual().name("warm-up").start(this::run);
  }

  private void run() {
    long begin = System.nanoTime();
    try {
      for (int i = 0; i < ROUNDS / ROUNDS_A_CONNECTION; i++) {
        callAll();
      }
      log.debug("warm after {} ms", Duration.ofNanos(System.nanoTime() - begin).toMillis());
    } catch (IOException e) {
      // Also at a stop: the socket goes first.
      log.debug("not warmed up: {}", e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void callAll() throws IOException, InterruptedException {
    try (Http2Client client = Http2Client.connect(socket)) {
      for (int i = 0; i < ROUNDS_A_CONNECTION; i++) {
        for (Map.Entry<String, MessageLite> call : CALLS.entrySet()) {
          client.call(call.getKey(), call.getValue());
        }
        Thread.sleep(PAUSE);
      }
    }
  }
}
