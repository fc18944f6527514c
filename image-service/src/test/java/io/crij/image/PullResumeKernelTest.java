package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PullImageRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.polling.Polling;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.crij.image.pull.Caller;
import io.crij.image.pull.PullResult;
import io.crij.image.tar.TestTar;
import io.crij.image.work.SharedWork;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Large layers: cut short, resumed, in ranges, wrong, wanted by many. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class PullResumeKernelTest {
  private static final int SIZE = 24 << 20;

  /** What may be on its way on a connection that is given up. */
  private static final int SLACK = 4 << 20;

  private static final int LEAST_KEPT = 2 << 20;

  private static final TestImage IMAGE = TestImage.of("", new TestTar().raw(big()).build());

  private final Path folder;
  private final LocalRegistry registry;
  private final RangedBlob blob;
  private final String name;
  private TestNode node;

  PullResumeKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("app", "v1", IMAGE);
    this.blob = new RangedBlob(layer());
    registry.on(LocalRegistry.blobPath("app", IMAGE.layer(0)), blob);
    this.name = registry.name("app", ":v1");
    this.node = new TestNode(folder);
  }

  @AfterEach
  void close() {
    blob.stallAt(Long.MAX_VALUE);
    blob.fast();
    node.close();
    registry.close();
  }

  @Test
  void whatCameBeforeAPullWasGivenUpDoesNotComeAgain() throws Exception {
    blob.stallAt(16 << 20);
    Thread caller = person();
    awaitNoted();
    caller.interrupt();
    caller.join();
    assertThat(node.list("")).isEmpty();
    assertThat(node.files("content/ingest")).hasSize(2);
    node.close();
    node = new TestNode(folder);
    assertThat(node.files("content/ingest")).hasSize(2);
    blob.stallAt(Long.MAX_VALUE);
    pullsTheRest();
  }

  @Test
  void whatCameBeforeTheServerWasKilledDoesNotComeAgain() throws Exception {
    node.close();
    blob.stallAt(16 << 20);
    Process process = PullProgram.start(folder, name, LayerFormat.AUTO);
    awaitNoted();
    process.destroyForcibly();
    process.waitFor();
    blob.stallAt(Long.MAX_VALUE);
    node = new TestNode(folder);
    pullsTheRest();
  }

  private void pullsTheRest() throws IOException {
    assertThat(blob.firstAsked()).isZero();
    AtomicReference<PullProgress> progress = new AtomicReference<>();
    node.images().pullImage(request(), Caller.PERSON, progress::set);
    assertThat(node.has(IMAGE.id().hex())).isTrue();
    int first = blob.firstAsked();
    assertThat(first).isGreaterThan(LEAST_KEPT);
    assertThat(layer(progress).foundBytes()).isBetween((long) first, layer().length - 1L);
    assertThat(node.files("content/ingest")).isEmpty();
  }

  @Test
  void aPartThatIsNotWhatCameIsNoticedAndFetchedAgain() throws Exception {
    blob.stallAt(16 << 20);
    Thread caller = person();
    awaitNoted();
    caller.interrupt();
    caller.join();
    Path part = node.root().resolve("content/ingest/sha256-" + IMAGE.layer(0).hex() + ".part");
    byte[] bytes = Files.readAllBytes(part);
    bytes[1 << 20] ^= 1;
    Files.write(part, bytes);
    blob.stallAt(Long.MAX_VALUE);
    AtomicReference<PullProgress> progress = new AtomicReference<>();
    node.images().pullImage(request(), Caller.PERSON, progress::set);
    assertThat(node.has(IMAGE.id().hex())).isTrue();
    assertThat(layer(progress).foundBytes()).as("what was of no use was not here").isZero();
  }

  @Test
  void aSlowRegistryIsAskedForSeveralRangesAtOnce() {
    blob.slowTo(4 << 20);
    assertThat(node.pull(name)).isEqualTo(IMAGE.id().hex());
    assertThat(blob.mostConnections()).isBetween(2, 4);
    assertThat(blob.sent()).isLessThan(layer().length + blob.mostConnections() * SLACK);
  }

  @Test
  void oneThatKnowsNoRangesIsNotAskedForThem() throws Exception {
    blob.withoutRanges();
    blob.slowTo(12 << 20);
    assertThat(node.pull(name)).isEqualTo(IMAGE.id().hex());
    assertThat(blob.sent()).isLessThan(2L * layer().length + SLACK);
  }

  @Test
  void anotherHostIsAskedWhenOneServesSomethingElse() throws Exception {
    byte[] wrong = layer().clone();
    wrong[wrong.length / 2] ^= 1;
    try (LocalRegistry mirror = new LocalRegistry()) {
      mirror.add("app", "v1", IMAGE);
      RangedBlob flipped = new RangedBlob(wrong);
      mirror.on(LocalRegistry.blobPath("app", IMAGE.layer(0)), flipped);
      Files.writeString(
          TestNode.hosts(folder).resolve(registry.authority()).resolve("hosts.toml"),
          "server = \"http://%s\"\n[host.\"http://%s\"]\n"
              .formatted(registry.authority(), mirror.authority()));
      assertThat(node.pull(name)).isEqualTo(IMAGE.id().hex());
      assertThat(flipped.sent()).isGreaterThanOrEqualTo(wrong.length);
      assertThat(blob.sent()).isGreaterThanOrEqualTo(wrong.length);
      assertThat(node.files("content/ingest")).isEmpty();
    }
  }

  @Test
  void manyWhoWantItGetItByOneDownloadAlsoWhenOneLeaves() throws Exception {
    registry.add("other", "v1", IMAGE);
    registry.on(LocalRegistry.blobPath("other", IMAGE.layer(0)), blob);
    blob.stallAt(8 << 20);
    Thread leaving = person();
    Eventually.await("8 MiB", () -> blob.sent() >= 8 << 20);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> pulls = new ArrayList<>();
      List<Thread> threads = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 20; i++) {
        String wanted = registry.name(i % 2 == 0 ? "app" : "other", ":v1");
        pulls.add(
            callers.submit(() -> {
              threads.add(Thread.currentThread());
              return node.pull(wanted);
            }));
      }
      Eventually.await("all of them", () -> threads.size() == 20);
      Polling.untilIn(SharedWork.class, threads);
      leaving.interrupt();
      leaving.join();
      blob.stallAt(Long.MAX_VALUE);
      for (Future<String> pull : pulls) {
        assertThat(pull.get()).isEqualTo(IMAGE.id().hex());
      }
    }
    assertThat(blob.sent()).isLessThan(layer().length + blob.mostConnections() * SLACK);
  }

  @Test
  void aPullThatStandsStillIsEnded() throws Exception {
    node.close();
    node =
        new TestNode(
            folder,
            ImageStoreConfig.in(folder.resolve("store")),
            PullLimits.DEFAULT.withProgressTimeout(Duration.ofSeconds(2)));
    blob.stallAt(8 << 20);
    assertThatThrownBy(() -> node.pull(name))
        .isInstanceOf(ImageException.DeadlineExceeded.class)
        .hasMessageContaining("nothing came or was unpacked for 2 s");
    blob.stallAt(Long.MAX_VALUE);
    node.close();
    node = new TestNode(folder);
    pullsTheRest();
  }

  @Test
  void itIsToldHowAPullComesOn() throws Exception {
    blob.stallAt(8 << 20);
    AtomicReference<PullProgress> progress = new AtomicReference<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> node.images().pullImage(request(), Caller.PERSON, progress::set));
    Eventually.await("the layer", () -> !Objects.requireNonNull(progress.get()).layers().isEmpty());
    PullProgress.Layer layer = Objects.requireNonNull(progress.get()).layers().getFirst();
    Eventually.await("4 MiB", () -> layer.progress().downloadedBytes() >= 4 << 20);
    assertThat(layer.sizeBytes()).isEqualTo(layer().length);
    assertThat(layer.progress().stage()).isEqualTo(Stage.DOWNLOADING);
    assertThat(layer.progress().downloadedBytes()).isLessThanOrEqualTo(8L << 20);
    blob.stallAt(Long.MAX_VALUE);
    caller.join();
    assertThat(layer.progress().stage()).isEqualTo(Stage.DONE);
    assertThat(layer.progress().unpackedBytes()).isGreaterThanOrEqualTo(SIZE);
    assertThat(node.images().pullCounters().results()).isEqualTo(Map.of(PullResult.DONE, 1L));
    assertThat(node.images().pullCounters().layers()).isEqualTo(1);
    assertThat(node.images().pullCounters().receivedBytes()).isEqualTo(layer().length);
  }

  private static LayerProgress layer(AtomicReference<PullProgress> pull) {
    return Objects.requireNonNull(pull.get()).layers().getFirst().progress();
  }

  private Thread person() {
    return Thread.ofVirtual()
        .start(() ->
            assertThatThrownBy(() -> node.images().pullImage(request(), Caller.PERSON, _ -> {}))
                .isInstanceOf(ImageException.Unavailable.class));
  }

  private PullImageRequest request() {
    return PullImageRequest.newBuilder().setImage(TestNode.spec(name)).build();
  }

  /**
   * Until the blob's first bytes are noted to have come; the next pull asks for those after them.
   */
  private void awaitNoted() {
    String part = "store/content/ingest/sha256-" + IMAGE.layer(0).hex();
    Path notes = folder.resolve(part + ".spans");
    Eventually.await(
        "the first bytes",
        () -> {
          // What it is and how large, then spans from a byte to a byte.
          LongBuffer numbers = ByteBuffer.wrap(Files.readAllBytes(notes)).asLongBuffer();
          return numbers.get(2) == 0 && numbers.get(3) > LEAST_KEPT;
        });
  }

  private static byte[] layer() {
    return Objects.requireNonNull(IMAGE.blobs().get(IMAGE.layer(0)));
  }

  /** A file that does not compress. */
  private static byte[] big() {
    byte[] content = new byte[SIZE];
    new Random(1).nextBytes(content);
    return new TestTar()
        .entry('0', "big".getBytes(StandardCharsets.US_ASCII), "", content)
        .unfinished();
  }
}
