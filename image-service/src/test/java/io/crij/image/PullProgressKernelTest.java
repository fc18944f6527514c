package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import io.crij.cri.v1.PullImageRequest;
import io.crij.image.name.Digest;
import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.crij.image.pull.Caller;
import io.crij.image.pull.PullCounters;
import io.crij.image.pull.PullResult;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of a pull while its registry is in trouble. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class PullProgressKernelTest {
  /** Passed on as it comes. */
  private static final byte[] SMALL = new TestTar().file("small", "small").build();

  /** Goes through a file. */
  private static final byte[] LARGE = new TestTar().raw(large()).build();

  private static final TestImage IMAGE = TestImage.of("", SMALL, LARGE);

  private static final TestImage ARTIFACT =
      TestImage.artifact(new TreeMap<>(Map.of("large", LARGE, "small", SMALL)));

  private final Path folder;
  private final LocalRegistry registry;
  private final TestNode node;
  private final AtomicReference<@Nullable PullProgress> progress = new AtomicReference<>();
  private final CountDownLatch go = new CountDownLatch(1);

  PullProgressKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("image", "v1", IMAGE);
    registry.add("artifact", "v1", ARTIFACT);
    node = new TestNode(folder);
  }

  @AfterEach
  void close() {
    go.countDown();
    node.close();
    registry.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"image", "artifact"})
  void aHostThatIsAskedAgainIsToldOfWithItsReason(String kind) throws Exception {
    TestImage wanted = kind.equals("image") ? IMAGE : ARTIFACT;
    for (int i = 0; i < 2; i++) {
      byte[] bytes = Objects.requireNonNull(wanted.blobs().get(wanted.layer(i)));
      registry.on(LocalRegistry.blobPath(kind, wanted.layer(i)), overloadedTwice(bytes));
    }
    Set<Digest> troubled = Set.of(wanted.layer(0), wanted.layer(1));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> pull = callers.submit(() -> pull(registry.name(kind, ":v1")));
      try {
        Eventually.await(
            "both layers ask again",
            () -> troubled.stream().allMatch(layer -> asked(kind, layer) == 3));
        assertRetrying(troubled);
        assertThat(node.meter("crij.image.pull.active")).isEqualTo(1);
        assertThat(node.meter("crij.image.pull.active.layers", "stage", "retrying")).isEqualTo(2);
        assertThat(node.meter("crij.image.pull.retries")).isEqualTo(4);
        assertThat(node.meter("crij.image.pull.remaining")).isGreaterThan(LARGE.length);
      } finally {
        go.countDown();
      }
      assertThat(pull.get()).isNotEmpty();
    }
    assertThat(layers())
        .allSatisfy(layer -> {
          assertThat(layer.progress().stage()).isEqualTo(Stage.DONE);
          assertThat(layer.progress().downloadedBytes()).isEqualTo(layer.sizeBytes());
          assertThat(layer.progress().trouble()).isEmpty();
        });
    assertThat(node.meter("crij.image.pull.active")).isZero();
    assertThat(node.meter("crij.image.pull.remaining")).isZero();
    assertThat(node.meter("crij.image.pull.retries")).isEqualTo(4);
    assertThat(node.meter("crij.image.pull.received"))
        .isEqualTo((double) layers().stream().mapToLong(PullProgress.Layer::sizeBytes).sum());
    assertThat(node.meter("crij.image.store.images", "kind", kind)).isEqualTo(1);
    assertThat(node.meter("crij.image.store.size")).isGreaterThan(LARGE.length);
  }

  @Test
  void whoComesBackSeesThePullThatWentOnWithoutHim() throws Exception {
    RangedBlob blob = new RangedBlob(LARGE);
    registry.on(LocalRegistry.blobPath("artifact", Digest.sha256(LARGE)), blob);
    blob.stallAt(4 << 20);
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(TestNode.spec(registry.name("artifact", ":v1")))
            .build();
    Thread kubelet =
        Thread.ofVirtual()
            .start(() ->
                assertThatThrownBy(
                        () -> node.images().pullImage(request, Caller.NODE_AGENT, progress::set))
                    .isInstanceOf(ImageException.Unavailable.class));
    Eventually.await("3 MiB", () -> hereBytes() >= 3 << 20);
    kubelet.interrupt();
    kubelet.join();
    progress.set(null);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> back =
          callers.submit(() -> node.images().pullImage(request, Caller.NODE_AGENT, progress::set));
      Eventually.await("what came before is seen", () -> hereBytes() >= 3 << 20);
      assertThat(node.meter("crij.image.pull.active")).isEqualTo(1);
      blob.stallAt(Long.MAX_VALUE);
      var _ = back.get();
    }
    assertThat(blob.firstAsked()).isZero();
  }

  private long hereBytes() {
    return layers().stream().mapToLong(layer -> layer.progress().downloadedBytes()).sum();
  }

  private void assertRetrying(Set<Digest> troubled) {
    List<PullProgress.Layer> seen = layers();
    assertThat(seen).extracting(PullProgress.Layer::digest).containsAll(troubled);
    for (PullProgress.Layer layer : seen) {
      if (troubled.contains(layer.digest())) {
        assertThat(layer.progress().stage()).isEqualTo(Stage.RETRYING);
        assertThat(layer.progress().trouble()).contains(registry.authority(), "503");
      }
    }
  }

  private long asked(String repository, Digest blob) {
    return registry.requests(LocalRegistry.blobPath(repository, blob));
  }

  @Test
  void whatCameOfAnArtifactDoesNotComeAgain() throws Exception {
    RangedBlob blob = new RangedBlob(LARGE);
    registry.on(LocalRegistry.blobPath("artifact", Digest.sha256(LARGE)), blob);
    blob.stallAt(4 << 20);
    String name = registry.name("artifact", ":v1");
    Thread caller =
        Thread.ofVirtual()
            .start(() ->
                assertThatThrownBy(() -> pull(name))
                    .isInstanceOf(ImageException.Unavailable.class));
    try {
      Eventually.await("3 MiB of it", () -> hereBytes() >= SMALL.length + (3 << 20));
    } finally {
      caller.interrupt();
      caller.join();
      blob.stallAt(Long.MAX_VALUE);
    }
    assertThat(node.files("content/ingest")).hasSize(2);
    assertThat(blob.firstAsked()).isZero();
    String id = pull(name);
    assertThat(blob.firstAsked()).isGreaterThanOrEqualTo(3 << 20);
    assertWhole(id);
  }

  @Test
  void anotherHostIsAskedForAnArtifactWhenOneServesSomethingElse() throws Exception {
    try (LocalRegistry mirror = new LocalRegistry()) {
      mirror.add("artifact", "v1", ARTIFACT);
      for (byte[] blob : List.of(LARGE, SMALL)) {
        byte[] wrong = blob.clone();
        wrong[wrong.length / 2] ^= 1;
        mirror.blob("artifact", Digest.sha256(blob), wrong);
      }
      Files.writeString(
          TestNode.hosts(folder).resolve(registry.authority()).resolve("hosts.toml"),
          "server = \"http://%s\"\n[host.\"http://%s\"]\n"
              .formatted(registry.authority(), mirror.authority()));
      String id = pull(registry.name("artifact", ":v1"));
      assertThat(mirror.requests(LocalRegistry.blobPath("artifact", Digest.sha256(LARGE))))
          .isEqualTo(1);
      assertWhole(id);
    }
  }

  @Test
  void pullsAreCountedByHowTheyEnded() {
    String name = registry.name("image", ":v1");
    assertThat(node.images().pullCounters().results()).isEmpty();
    assertThatThrownBy(() -> pull(registry.name("image", ":none")))
        .isInstanceOf(ImageException.NotFound.class);
    byte[] small = Objects.requireNonNull(IMAGE.blobs().get(IMAGE.layer(0)));
    String path = LocalRegistry.blobPath("image", IMAGE.layer(0));
    registry.on(path, exchange -> exchange.sendResponseHeaders(403, -1));
    assertThatThrownBy(() -> pull(name)).isInstanceOf(ImageException.PermissionDenied.class);
    registry.on(path, LocalRegistry.serve("application/octet-stream", small));
    pull(name);
    pull(name);
    PullCounters counters = node.images().pullCounters();
    assertThat(counters.results())
        .isEqualTo(Map.of(PullResult.NOT_FOUND, 1L, PullResult.DENIED, 1L, PullResult.DONE, 2L));
    assertThat(counters.layers()).isEqualTo(2);
    assertThat(counters.receivedBytes())
        .isGreaterThanOrEqualTo(layers().stream().mapToLong(PullProgress.Layer::sizeBytes).sum());
    assertThat(counters.taken()).isPositive();
  }

  private void assertWhole(String id) throws IOException {
    Path files = node.root().resolve("artifacts").resolve(id);
    assertThat(files.resolve("large")).hasBinaryContent(LARGE);
    assertThat(files.resolve("small")).hasBinaryContent(SMALL);
    assertThat(node.files("content/ingest")).isEmpty();
    assertThat(node.check(false)).isEmpty();
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
      assertThat(latch.await(120, TimeUnit.SECONDS)).isTrue();
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
