package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import io.crij.cri.v1.PullImageRequest;
import io.crij.image.name.Digest;
import io.crij.image.polling.Polling;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.crij.image.pull.Caller;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a pull while its registry is in trouble. */
@Tag("root")
@Timeout(60)
@ExtendWith(LeavesNoTrace.class)
final class PullProgressKernelTest {
  /** Passed on as it comes. */
  private static final byte[] SMALL = new TestTar().file("small", "small").build();

  /** Goes through a file. */
  private static final byte[] LARGE = new TestTar().raw(large()).build();

  private static final TestImage IMAGE = TestImage.of("", SMALL, LARGE);

  private final LocalRegistry registry;
  private final TestNode node;
  private final AtomicReference<@Nullable PullProgress> progress = new AtomicReference<>();
  private final CountDownLatch go = new CountDownLatch(1);

  PullProgressKernelTest(@TempDir Path folder) throws IOException {
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("app", "v1", IMAGE);
    node = new TestNode(folder);
  }

  @AfterEach
  void close() {
    go.countDown();
    node.close();
    registry.close();
  }

  @Test
  void aHostThatIsAskedAgainIsToldOfWithItsReason() throws Exception {
    for (int i = 0; i < 2; i++) {
      Digest layer = IMAGE.layer(i);
      byte[] bytes = Objects.requireNonNull(IMAGE.blobs().get(layer));
      registry.on(LocalRegistry.blobPath("app", layer), overloadedTwice(bytes));
    }
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> pull = callers.submit(() -> pull(registry.name("app", ":v1")));
      Polling.until("both layers ask again", () -> layers().size() == 2 && allAskAThirdTime());
      for (PullProgress.Layer layer : layers()) {
        LayerProgress now = layer.progress();
        assertThat(now.stage()).isEqualTo(Stage.RETRYING);
        assertThat(now.trouble()).contains(registry.authority(), "503");
      }
      go.countDown();
      assertThat(pull.get()).isEqualTo(IMAGE.id().hex());
    }
    assertThat(layers())
        .allSatisfy(layer -> {
          assertThat(layer.progress().stage()).isEqualTo(Stage.DONE);
          assertThat(layer.progress().trouble()).isEmpty();
        });
  }

  private boolean allAskAThirdTime() {
    return layers().stream()
        .allMatch(layer -> registry.requests(LocalRegistry.blobPath("app", layer.digest())) == 3);
  }

  /** Answers 503 twice, once with how long to wait; then waits to be let go on. */
  private HttpHandler overloadedTwice(byte[] bytes) {
    AtomicInteger asked = new AtomicInteger();
    return exchange -> {
      int turn = asked.incrementAndGet();
      if (turn <= 2) {
        if (turn == 1) {
          exchange.getResponseHeaders().set("Retry-After", "1");
        }
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      await(go);
      LocalRegistry.serve("application/octet-stream", bytes).handle(exchange);
    };
  }

  private String pull(String name) {
    return node.images()
        .pullImage(
            PullImageRequest.newBuilder().setImage(TestNode.spec(name)).build(),
            Caller.PERSON,
            progress::set)
        .getImageRef();
  }

  private List<PullProgress.Layer> layers() {
    PullProgress now = progress.get();
    return now == null ? List.of() : now.layers();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A file of 5 MiB that does not compress. */
  private static byte[] large() {
    byte[] content = new byte[5 << 20];
    new Random(3).nextBytes(content);
    return new TestTar()
        .entry('0', "large".getBytes(StandardCharsets.US_ASCII), "", content)
        .unfinished();
  }
}
