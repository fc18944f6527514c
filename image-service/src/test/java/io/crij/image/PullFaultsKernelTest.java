package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import io.crij.cri.v1.PullImageRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.polling.Polling;
import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.crij.image.pull.Caller;
import io.crij.image.tar.TestTar;
import io.crij.image.unpack.TestLayers;
import io.crij.image.work.SharedWork;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pulls that fail, end early, meet each other, or are told of by a store that was cut off. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class PullFaultsKernelTest {
  private static final byte[] BASE = new TestTar().file("base", "x".repeat(100_000)).build();
  private static final byte[] TOP = new TestTar().file("top", "top").build();
  private static final TestImage APP = TestImage.of("", BASE, TOP);

  private final LayerFormat format;
  private final Path folder;
  private final LocalRegistry registry;
  private final String name;
  private TestNode node;

  PullFaultsKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.format = format;
    this.folder = folder;
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("app", "v1", APP);
    name = registry.name("app", ":v1");
    node = new TestNode(folder, format);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
  }

  @Test
  void aPullThatFailsLeavesNothingAndARetryIsWhole() throws IOException {
    byte[] whole = APP.blobs().get(APP.layer(0));
    assertThat(whole).isNotNull();
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);
    String path = LocalRegistry.blobPath("app", APP.layer(0));
    for (HttpHandler fault :
        List.<HttpHandler>of(
            LocalRegistry.serve("application/octet-stream", flipped),
            LocalRegistry.serve("application/octet-stream", cut),
            exchange -> exchange.sendResponseHeaders(404, -1),
            exchange -> {
              exchange.sendResponseHeaders(200, whole.length);
              exchange.getResponseBody().write(cut);
              throw new IOException("cut off");
            })) {
      registry.on(path, fault);
      assertThatThrownBy(() -> node.pull(name)).isInstanceOf(ImageException.class);
      assertThat(node.list("")).isEmpty();
      assertThat(node.files("layers")).noneMatch(n -> n.startsWith("."));
      assertThat(node.files("layers")).doesNotContain(Digest.sha256(BASE).hex());
      assertThat(node.files("content/blobs/sha256")).isEmpty();
    }
    registry.add("app", "v1", APP);
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
  }

  @Test
  void aLayerThatIsNotWhatItsImageSaysIsRefused() {
    TestImage lying =
        TestImage.withDiffIds("", List.of(Digest.sha256(TOP)), List.of(TestLayers.gzip(BASE)));
    registry.add("app", "lying", lying);
    assertThatThrownBy(() -> node.pull(registry.name("app", ":lying")))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining(Digest.sha256(TOP).toString());
    assertThat(node.list("")).isEmpty();
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
  }

  @Test
  void equalPullsAreOneAndSharedLayersAreFetchedOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    byte[] blob = APP.blobs().get(APP.layer(0));
    assertThat(blob).isNotNull();
    String path = LocalRegistry.blobPath("app", APP.layer(0));
    registry.on(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, blob.length);
          exchange.getResponseBody().write(blob, 0, 10);
          exchange.getResponseBody().flush();
          asked.countDown();
          await(go);
          exchange.getResponseBody().write(blob, 10, blob.length - 10);
        });
    TestImage other = TestImage.of("other", BASE);
    registry.add("other", "v1", other);
    String otherPath = LocalRegistry.blobPath("other", other.layer(0));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> pulls = new ArrayList<>();
      List<Thread> threads = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 5; i++) {
        pulls.add(
            callers.submit(() -> {
              threads.add(Thread.currentThread());
              return node.pull(name);
            }));
      }
      await(asked);
      AtomicReference<@Nullable PullProgress> progress = new AtomicReference<>();
      Future<String> second = callers.submit(() -> pullOther(progress));
      Eventually.await("all of them", () -> threads.size() == 5);
      Polling.untilIn(SharedWork.class, threads);
      awaitLayer(progress);
      go.countDown();
      for (Future<String> pull : pulls) {
        assertThat(pull.get()).isEqualTo(APP.id().hex());
      }
      assertThat(second.get()).isEqualTo(other.id().hex());
    }
    assertThat(registry.requests(path)).isEqualTo(1);
    assertThat(registry.requests(otherPath)).isZero();
    assertThat(registry.requests("/v2/app/manifests/v1")).isEqualTo(1);
  }

  @Test
  void whoJoinedALayerThatFailsGetsItHimself() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    registry.on(
        LocalRegistry.blobPath("app", APP.layer(0)),
        exchange -> {
          asked.countDown();
          await(go);
          exchange.sendResponseHeaders(404, -1);
        });
    TestImage other = TestImage.of("other", BASE);
    registry.add("other", "v1", other);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> failing = callers.submit(() -> node.pull(name));
      await(asked);
      AtomicReference<@Nullable PullProgress> progress = new AtomicReference<>();
      Future<String> joining = callers.submit(() -> pullOther(progress));
      Eventually.await("the layer", () -> !layers(progress).isEmpty());
      go.countDown();
      assertThatThrownBy(failing::get).isInstanceOf(ExecutionException.class);
      assertThat(joining.get()).isEqualTo(other.id().hex());
    }
  }

  @Test
  void aPullGoesOnWhenItsCallerLeaves() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    byte[] blob = APP.blobs().get(APP.layer(1));
    assertThat(blob).isNotNull();
    registry.on(
        LocalRegistry.blobPath("app", APP.layer(1)),
        exchange -> {
          asked.countDown();
          await(go);
          LocalRegistry.serve("application/octet-stream", blob).handle(exchange);
        });
    Thread caller = Thread.ofVirtual().start(() -> node.pull(name));
    await(asked);
    caller.interrupt();
    caller.join();
    assertThat(node.list("")).isEmpty();
    go.countDown();
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
    assertThat(registry.requests("/v2/app/manifests/v1")).isEqualTo(1);
  }

  @Test
  void closingTheServiceEndsPulls() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    registry.on(
        LocalRegistry.blobPath("app", APP.layer(0)),
        exchange -> {
          asked.countDown();
          await(never);
        });
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> pull = callers.submit(() -> node.pull(name));
      await(asked);
      node.close();
      assertThatThrownBy(pull::get).isInstanceOf(ExecutionException.class);
      never.countDown();
    }
    node = new TestNode(folder, format);
    assertThat(node.list("")).isEmpty();
    assertThat(node.files("layers")).noneMatch(n -> n.startsWith("."));
  }

  @Test
  void whatACrashLeftIsTakenAwayAndWholeImagesStay() throws Exception {
    node.pull(name);
    node.close();
    Files.createDirectories(node.root().resolve("layers/.new-x/diff/deep"));
    Files.createDirectories(node.root().resolve("layers/" + "0".repeat(64) + "/diff"));
    Files.createDirectories(node.root().resolve("containers/gone/upper"));
    Files.createDirectories(node.root().resolve("fixups/" + "0".repeat(64)));
    Files.createDirectories(node.root().resolve("trash/old/deep"));
    Files.writeString(node.root().resolve("content/ingest/half"), "half");
    Path orphan = node.root().resolve("content/blobs/sha256/" + "0".repeat(64));
    Files.writeString(orphan, "orphan");
    Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    node = new TestNode(folder, format);
    assertThat(node.status(name).getId()).isEqualTo(APP.id().hex());
    assertThat(node.files("layers")).hasSize(2);
    assertThat(node.files("containers")).isEmpty();
    assertThat(node.files("fixups")).isEmpty();
    assertThat(node.files("content/ingest")).isEmpty();
    assertThat(node.files("content/blobs/sha256")).hasSize(2);
    Eventually.await("deleted behind", () -> node.files("trash").isEmpty());
  }

  @Test
  void anImageWhoseLayerIsLostIsNotListedAndAPullHealsIt() throws IOException {
    node.pull(name);
    node.close();
    Path layer = node.root().resolve("layers").resolve(Digest.sha256(BASE).hex());
    Files.move(layer, folder.resolve("lost"));
    node = new TestNode(folder, format);
    assertThat(node.list("")).isEmpty();
    node.pull(name);
    switch (format) {
      case DIRECTORY -> assertThat(layer.resolve("diff/base")).hasSize(100_000);
      default -> assertThat(layer.resolve("tar")).exists();
    }
  }

  @Test
  void aDamagedDocumentIsHealedByAPull() throws IOException {
    node.pull(name);
    // From now on it is remembered what the documents say.
    assertThat(node.images().find(name)).isNotNull();
    Path config = node.root().resolve("content/blobs/sha256").resolve(APP.id().hex());
    Files.writeString(config, "{}");
    assertThatThrownBy(() -> node.images().find(name)).isInstanceOf(ImageException.Internal.class);
    assertThat(node.list("")).hasSize(1);
    node.pull(name);
    assertThat(node.images().find(name)).isNotNull();
  }

  @Test
  void noThreadIsLeftWithTheUnpackersRestriction() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestImage image = TestImage.of("", new TestTar().file("n" + i, "x").build());
      registry.add("many", "v" + i, image);
    }
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        String one = registry.name("many", ":v" + i);
        callers.execute(() -> node.pull(one));
      }
    }
    assertThat(node.list("")).hasSize(20);
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Path>> files = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        Path file = folder.resolve("free-" + i);
        files.add(writers.submit(() -> Files.writeString(file, "x")));
      }
      for (Future<Path> file : files) {
        assertThat(file.get()).exists();
      }
    }
  }

  private String pullOther(AtomicReference<@Nullable PullProgress> progress) {
    return node.images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(TestNode.spec(registry.name("other", ":v1")))
                .build(),
            Caller.NODE_AGENT,
            progress::set)
        .getImageRef();
  }

  private static List<PullProgress.Layer> layers(AtomicReference<@Nullable PullProgress> progress) {
    PullProgress now = progress.get();
    return now == null ? List.of() : now.layers();
  }

  /** Until the pull stands where the one stands that makes its layer: it has joined that. */
  private static void awaitLayer(AtomicReference<@Nullable PullProgress> progress) {
    Eventually.await(
        "a layer that is joined",
        () ->
            !layers(progress).isEmpty()
                && layers(progress).getFirst().progress().stage() == Stage.DOWNLOADING);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
