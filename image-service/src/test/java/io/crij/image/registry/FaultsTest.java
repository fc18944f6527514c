package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.image.polling.Polling;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.linux.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a network and a registry do wrong, and what a pull makes of it. */
class FaultsTest {
  private static final byte[] CONTENT = new byte[2_500_000];

  /** Longer than anybody waits. */
  private static final Duration LONG = Duration.ofMinutes(4);

  static {
    new Random(7).nextBytes(CONTENT);
  }

  private final FakeRegistry registry = FakeRegistry.plain();
  @TempDir Path folder;

  @AfterEach
  void stop() {
    registry.close();
  }

  private ImageSource open() {
    return node().open(":v1");
  }

  private Pulls node() {
    return new Pulls(folder, registry).plain();
  }

  private Descriptor serve(HttpHandler handler) {
    Descriptor blob = registry.blob(REPOSITORY, CONTENT);
    registry.on(FakeRegistry.blobPath(REPOSITORY, blob), handler);
    return blob;
  }

  private byte[] read(Descriptor blob) throws IOException {
    return read(node(), blob);
  }

  private static byte[] read(Pulls node, Descriptor blob) throws IOException {
    try (ImageSource source = node.open(":v1");
        InputStream stream = source.blob(blob)) {
      return stream.readAllBytes();
    }
  }

  @Test
  void aBlobThatIsCutGoesOnWhereItWas() throws IOException {
    Descriptor blob = serve(FakeRegistry.cutAfter(600_000, CONTENT));
    assertThat(read(blob)).isEqualTo(CONTENT);
    List<String> ranges =
        registry.seen(FakeRegistry.blobPath(REPOSITORY, blob)).stream()
            .map(request -> String.valueOf(request.headers().getFirst("Range")))
            .toList();
    assertThat(ranges).hasSize(5).first().isEqualTo("null");
    assertThat(ranges.get(1)).startsWith("bytes=").endsWith("-");
  }

  @Test
  void aHostWithoutRangesIsReadFromItsStart() throws IOException {
    AtomicInteger turn = new AtomicInteger();
    Descriptor blob =
        serve(exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          int count = turn.incrementAndGet() == 1 ? 700_000 : CONTENT.length;
          exchange.getResponseBody().write(CONTENT, 0, count);
        });
    assertThat(read(blob)).isEqualTo(CONTENT);
    assertThat(turn).hasValue(2);
  }

  @Test
  void aBlobThatIsAlwaysCutEarlyFailsAfterAFewTries() {
    Descriptor blob = serve(FakeRegistry.cutAfter(10, CONTENT));
    assertThatThrownBy(() -> read(blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageStartingWith("RegistryUnavailable: ")
        .hasMessageContainingAll(blob.digest().toString(), registry.url())
        // The last cut may be seen while it is read, or before.
        .hasMessageMatching(".*(?:at byte|bytes received).*");
    // By where they begin: the JDK itself repeats a request on a kept connection that it finds cut.
    assertThat(
            registry.seen().stream()
                .map(request -> String.valueOf(request.headers().getFirst("Range")))
                .distinct())
        .hasSizeBetween(5, 7);
  }

  @Test
  void aSilentHostIsGivenUp() {
    Descriptor blob =
        serve(exchange -> {
          FakeRegistry.partHead(exchange, 0, CONTENT.length);
          exchange.getResponseBody().write(CONTENT, 0, 100);
          exchange.getResponseBody().flush();
          sleep(LONG);
        });
    assertThatThrownBy(() -> read(node().impatient(), blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("stalled");
    assertThat(registry.seen()).hasSize(3);
  }

  @Test
  void aTrickleIsNoProgress() {
    Descriptor blob =
        serve(exchange -> {
          FakeRegistry.partHead(exchange, FakeRegistry.rangeStart(exchange), CONTENT.length);
          for (int i = 0; i < 200; i++) {
            exchange.getResponseBody().write(CONTENT, 0, 1);
            exchange.getResponseBody().flush();
            sleep(Duration.ofMillis(100));
          }
        });
    assertThatThrownBy(() -> read(node().impatient(), blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("stalled");
  }

  @Test
  void aSlowReaderIsNotTheNetworksFault() throws Exception {
    Descriptor blob = registry.blob(REPOSITORY, CONTENT);
    try (ImageSource source = node().impatient().open(":v1");
        InputStream stream = source.blob(blob)) {
      byte[] head = stream.readNBytes(1_000_000);
      sleep(Duration.ofMillis(1500)); // the fault itself: longer than a stall may be
      byte[] tail = stream.readAllBytes();
      assertThat(head.length + tail.length).isEqualTo(CONTENT.length);
    }
    assertThat(registry.seen()).hasSize(1);
  }

  @Test
  void anAnswerThatNeverComesIsGivenUp() {
    Descriptor blob = serve(exchange -> sleep(LONG));
    assertThatThrownBy(() -> read(node().impatient(), blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("no answer in 1.0 s");
  }

  @Test
  void aBlobOfAnotherLengthIsRefusedBeforeItIsRead() {
    for (int length : new int[] {CONTENT.length - 1, CONTENT.length + 1}) {
      Descriptor blob =
          serve(exchange -> {
            exchange.sendResponseHeaders(200, length);
            exchange.getResponseBody().write(Arrays.copyOf(CONTENT, length));
          });
      assertThatThrownBy(() -> read(blob))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("sends " + length + " bytes where the descriptor says 2500000");
    }
  }

  @Test
  void aBlobWithoutEndIsStoppedAtItsSize() {
    Descriptor blob =
        serve(exchange -> {
          exchange.sendResponseHeaders(200, 0); // chunked
          while (true) {
            exchange.getResponseBody().write(CONTENT);
          }
        });
    assertThatThrownBy(() -> read(blob))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("more than the 2500000 bytes");
  }

  @Test
  void aBlobOfUnannouncedLengthIsRead() throws IOException {
    Descriptor blob =
        serve(exchange -> {
          exchange.sendResponseHeaders(200, 0); // chunked
          exchange.getResponseBody().write(CONTENT);
        });
    assertThat(read(blob)).isEqualTo(CONTENT);
  }

  @Test
  void anEmptyBlobIsRead() throws IOException {
    assertThat(read(registry.blob(REPOSITORY, new byte[0]))).isEmpty();
  }

  @Test
  void anotherRangeThanTheWantedIsRefused() {
    AtomicInteger turn = new AtomicInteger();
    Descriptor blob =
        serve(exchange -> {
          if (turn.incrementAndGet() == 1) {
            FakeRegistry.cutAfter(600_000, CONTENT).handle(exchange);
          } else {
            FakeRegistry.partHead(exchange, 5, CONTENT.length);
            exchange.getResponseBody().write(CONTENT, 5, CONTENT.length - 5);
          }
        });
    assertThatThrownBy(() -> read(blob))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("another range");
  }

  @Test
  void anEndlessManifestIsCutOff() {
    registry.on(
        "/v2/" + REPOSITORY + "/manifests/v1",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write(new byte[65_536]);
          }
        });
    Instant begin = Instant.now();
    try (ImageSource source = open()) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("longer than 4194304 bytes");
    }
    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void aManifestAnnouncedTooLongIsNotRead() {
    registry.on(
        "/v2/" + REPOSITORY + "/manifests/v1",
        exchange -> {
          exchange.sendResponseHeaders(200, 8L << 30);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
        });
    try (ImageSource source = open()) {
      assertThatThrownBy(source::resolve).hasMessageContaining("longer than 4194304 bytes");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, UNAUTHORIZED, Unauthenticated, 1",
    "403, DENIED, PermissionDenied, 1",
    "404, BLOB_UNKNOWN, NotFound, 1",
    "400, NAME_INVALID, FailedPrecondition, 1",
    "416, RANGE_INVALID, FailedPrecondition, 1",
    "429, TOOMANYREQUESTS, Unavailable, 3",
    "500, UNKNOWN, Unavailable, 3",
    "501, UNSUPPORTED, Unavailable, 1",
    "503, UNAVAILABLE, Unavailable, 3",
  })
  void aStatusMeansOneThing(int status, String code, String kind, int requests) {
    Descriptor blob = serve(FakeRegistry.status(status, code));
    assertThatThrownBy(() -> read(blob))
        .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(kind))
        .hasMessageContaining(registry.url() + ": status " + status + " " + code)
        .message()
        .doesNotContain("secret-in-message");
    assertThat(registry.seen()).hasSize(requests);
  }

  @Test
  void aPassingErrorPasses() throws IOException {
    AtomicInteger turn = new AtomicInteger();
    Descriptor blob =
        serve(exchange -> {
          if (turn.incrementAndGet() < 3) {
            FakeRegistry.error(exchange, 500, "UNKNOWN");
          } else {
            FakeRegistry.ranges(CONTENT).handle(exchange);
          }
        });
    assertThat(read(blob)).isEqualTo(CONTENT);
  }

  @Test
  void retryAfterIsHonouredUpToALimit() {
    AtomicInteger turn = new AtomicInteger();
    Descriptor blob = serve(exchange -> tooMany(exchange, turn));
    Instant begin = Instant.now();
    assertThatThrownBy(() -> read(blob)).isInstanceOf(ImageException.Unavailable.class);
    // 0 s (then our own 5 ms), 1e9 s (cut to 200 ms)
    assertThat(Duration.between(begin, Instant.now()))
        .isBetween(Duration.ofMillis(200), Duration.ofMinutes(2));
  }

  private static void tooMany(HttpExchange exchange, AtomicInteger turn) throws IOException {
    List<String> values = List.of("0", "1000000000", "Fri, 31 Dec 2199 23:59:59 GMT");
    exchange.getResponseHeaders().set("Retry-After", values.get(turn.getAndIncrement() % 3));
    FakeRegistry.error(exchange, 429, "TOOMANYREQUESTS");
  }

  @Test
  void aClosedPortIsUnavailable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String domain = "127.0.0.1:" + port;
    try (ImageSource source = new Pulls(folder, domain).plain().open(":v1")) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.Unavailable.class)
          .hasMessageContaining("http://" + domain + ": connection refused");
    }
  }

  @Test
  void aNameThatIsNoHostIsUnavailable() {
    try (ImageSource source = new Pulls(folder, "no-such-host.invalid").open(":v1")) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.Unavailable.class)
          .hasMessageContaining("host name cannot be resolved");
    }
  }

  @Test
  void interruptionEndsAPull() throws Exception {
    Descriptor blob = serve(exchange -> sleep(LONG));
    AtomicInteger outcome = new AtomicInteger();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                read(blob);
              } catch (ImageException.DeadlineExceeded | IOException e) {
                outcome.set(Thread.currentThread().isInterrupted() ? 1 : 2);
              }
            });
    Eventually.await("asked", () -> !registry.seen().isEmpty());
    reader.interrupt();
    assertThat(reader.join(Duration.ofMinutes(1))).as("before the answer").isTrue();
    assertThat(outcome).hasValue(1);
  }

  @Test
  void closingEndsAReadUnderWay() throws Exception {
    Descriptor blob =
        serve(exchange -> {
          FakeRegistry.partHead(exchange, 0, CONTENT.length);
          exchange.getResponseBody().write(CONTENT, 0, 100);
          exchange.getResponseBody().flush();
          sleep(LONG);
        });
    ImageSource source = open();
    InputStream stream = source.blob(blob);
    assertThat(stream.readNBytes(100)).hasSize(100);
    List<Thread> reader = List.of(Thread.currentThread());
    Thread closer =
        Thread.ofVirtual()
            .start(() -> {
              Polling.untilIn(BlobStream.class, reader);
              source.close();
            });
    assertThatThrownBy(stream::read)
        .isInstanceOfAny(IOException.class, ImageException.DeadlineExceeded.class);
    closer.join();
  }

  @Test
  void wrongBytesAreTheCallersToNotice() throws IOException {
    byte[] corrupt = CONTENT.clone();
    corrupt[1_000_000] ^= 1;
    Descriptor blob = serve(FakeRegistry.ranges(corrupt));
    assertThat(Digest.sha256(read(blob))).isNotEqualTo(blob.digest());
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
