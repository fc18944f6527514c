package io.crij.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.PullImageRequest;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.crij.server.tls.TestCertificate;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Prometheus reads of a crijd. */
@Tag("root")
@Timeout(120)
@ExtendWith(LeavesNoTrace.class)
final class MetricsKernelTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `(crij_\\w+)` \\| (\\w+) \\|", Pattern.MULTILINE);
  private static final Pattern TYPE = Pattern.compile("^# TYPE (\\w+) (\\w+)$", Pattern.MULTILINE);
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final List<String> PLANTED =
      List.of("planted-password", "planted-user", "planted-token", "planted-name", "planted-tag");

  /** They fail at once, and say nothing. */
  private static final String BROKEN_RUNTIMES =
      """
      [crij.runtime.runtimes.crun]
      runtime_path = '/bin/false'
      [crij.runtime.runtimes.runc]
      runtime_path = '/bin/false'
      """;

  private PrivateRoot folder;
  private TestServer server;
  private Path socket;
  private int port;

  @BeforeEach
  void setUp(PrivateRoot folder) throws IOException {
    this.folder = folder;
    this.server = new TestServer(folder);
    this.socket = folder.resolve("metrics.sock");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void theyAreServedOnBothAddressesAsTheirPageSays() throws Exception {
    configure(
        "enable_metrics = true\nmetrics_port = %d\nmetrics_socket = '%s'".formatted(port, socket));
    var _ = server.start();
    SocketAddress unix = UnixDomainSocketAddress.of(socket);
    SocketAddress tcp = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    for (SocketAddress address : List.of(unix, tcp)) {
      String answer = askWhenProbed(address);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("text/plain; version=0.0.4");
      assertThat(types(answer)).isEqualTo(typesOfThePage());
      assertThat(answer).as("what each is").doesNotContainPattern("# HELP \\w+ *\n");
      assertThat(ask(address, "GET / HTTP/1.0")).startsWith("HTTP/1.1 404");
      assertThat(ask(address, "DELETE /metrics HTTP/1.0")).startsWith("HTTP/1.1 405");
      assertThat(ask(address, "nonsense")).startsWith("HTTP/1.1 400");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
    expectThatWhoTakesNoAnswerIsNotReadFrom(unix);
  }

  /** Answers that nobody takes would fill the memory. */
  private static void expectThatWhoTakesNoAnswerIsNotReadFrom(SocketAddress address)
      throws IOException {
    ByteBuffer requests =
        ByteBuffer.wrap(
            "GET /metrics HTTP/1.1\r\n\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII));
    long most = 4 << 20;
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.configureBlocking(false);
      AtomicLong sent = new AtomicLong();
      AtomicInteger refused = new AtomicInteger();
      Eventually.await(
          "that requests are not read any more",
          () -> {
            int written = channel.write(requests.hasRemaining() ? requests : requests.rewind());
            refused.set(written == 0 ? refused.get() + 1 : 0);
            return refused.get() > 50 || sent.addAndGet(written) > most;
          });
      assertThat(sent.get()).isLessThan(most);
    }
  }

  @Test
  void aPullIsCountedAndNothingOfItIsInALabel() throws Exception {
    configure("enable_metrics = true\nmetrics_port = 0\nmetrics_socket = '%s'".formatted(socket));
    var _ = server.start();
    // Nobody listens there.
    String image = "127.0.0.1:" + port + "/planted-name:planted-tag";
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage(image))
            .setAuth(
                AuthConfig.newBuilder()
                    .setUsername("planted-user")
                    .setPassword("planted-password")
                    .setRegistryToken("planted-token"))
            .build();
    assertThatThrownBy(
            () -> ImageServiceGrpc.newBlockingStub(server.channel("crij.sock")).pullImage(request))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("planted-name");

    String answer = askWhenProbed(UnixDomainSocketAddress.of(socket));

    assertThat(answer).contains("crij_image_pull_seconds_count{result=\"unavailable\"} 1");
    assertThat(answer).doesNotContain(PLANTED);
    Set<String> labels = new TreeSet<>();
    for (MatchResult label : LABEL.matcher(answer).results().toList()) {
      if (!label.group(1).equals("le")) {
        labels.add(label.group(1));
        assertThat(label.group(2)).matches("[A-Za-z_]+");
      }
    }
    assertThat(labels)
        .containsExactly(
            "code", "kind", "method", "process", "result", "runtime", "stage", "state");
    assertThat(answer)
        .contains("crij_rpc_seconds_count{code=\"unavailable\",method=\"PullImage\"} 1")
        .contains("crij_rpc_seconds_count{code=\"ok\",method=\"RunPodSandbox\"} 0")
        .containsPattern("crij_default_runtime\\{runtime=\"(crun|runc)\"} 1.0\n")
        .containsPattern("crij_process_resident_bytes\\{process=\"monitor\"} [0-9.]+E[78]\n");
  }

  @Test
  void theDefaultRuntimeIsNamedOnceItCanRunAndWhenItChanges() throws Exception {
    String served =
        "enable_metrics = true\nmetrics_port = 0\nmetrics_socket = '%s'\n".formatted(socket);
    configure(served + BROKEN_RUNTIMES);
    Process crijd = server.start();
    assertThat(ask(UnixDomainSocketAddress.of(socket), "GET /metrics HTTP/1.0"))
        .contains("crij_pods")
        .doesNotContain("crij_default_runtime{");

    configure(
        served
            + "[crij.runtime]\ndefault_runtime = 'other'\n"
            + "[crij.runtime.runtimes.other]\nruntime_path = '/usr/sbin/runc'\n");
    server.hangUp(crijd);

    assertThat(askWhenProbed(UnixDomainSocketAddress.of(socket)))
        .contains("crij_default_runtime{runtime=\"other\"} 1.0\n");
  }

  @Test
  void byTcpTheyComeByTlsWhereThereIsACertificate() throws Exception {
    TestCertificate certificate = TestCertificate.issue(folder.resolve("."), "EC");
    String tls =
        "metrics_cert = '%s'\nmetrics_key = '%s'"
            .formatted(folder.resolve("tls.crt"), folder.resolve("tls.key"));
    configure("enable_metrics = true\nmetrics_port = %d\n%s".formatted(port, tls));
    var _ = server.start();

    assertThat(askByTls(certificate)).startsWith("HTTP/1.1 200").contains("crij_pods");
    assertThat(
            ask(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                "GET /metrics HTTP/1.0"))
        .doesNotContain("crij_pods");
  }

  private String askByTls(TestCertificate certificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("node", certificate.certificate());
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    try (Socket socket = context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket
          .getOutputStream()
          .write("GET /metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void onlyThoseAreServedThatWereChosen() throws Exception {
    configure(
        "enable_metrics = true\nmetrics_port = 0\nmetrics_socket = '%s'\n".formatted(socket)
            + "metrics_collectors = ['operations_total', 'crio_containers_oom_total', 'crij_pods',"
            + " 'stage_seconds_max']");
    var _ = server.start();
    String answer = ask(UnixDomainSocketAddress.of(socket), "GET /metrics HTTP/1.0");
    assertThat(types(answer))
        .containsOnlyKeys(
            "crij_rpc_seconds", "crij_containers_oom_total", "crij_pods", "crij_stage_seconds_max");
  }

  @Test
  void nothingIsServedUnlessItIsWanted() throws Exception {
    configure("metrics_port = %d\nmetrics_socket = '%s'".formatted(port, socket));
    var _ = server.start();
    assertThat(socket).doesNotExist();
    assertThatThrownBy(() ->
            ask(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                "GET /metrics HTTP/1.0"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void anAddressThatIsTakenEndsTheStart() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      configure("enable_metrics = true\nmetrics_port = " + other.getLocalPort());
      Process crijd = server.launch("--root", server.root().toString(), "--runroot", runroot());
      assertThat(TestServer.exitStatus(crijd)).isEqualTo(1);
      assertThat(server.log()).contains("metrics on").contains(":" + other.getLocalPort());
    }
    configure("");
    var _ = server.start();
  }

  private String runroot() {
    return server.runroot().toString();
  }

  private void configure(String metrics) throws IOException {
    Path file = folder.resolve("crij.toml");
    Files.writeString(file, "[crij.metrics]\n" + metrics + "\n");
    server.set("CRIJ_CONFIG", file.toString());
  }

  private static String ask(SocketAddress address, String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(address)) {
      ByteBuffer bytes =
          ByteBuffer.wrap((request + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        var _ = channel.write(bytes);
      }
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Which handler is the default one is known once it has been probed. */
  private static String askWhenProbed(SocketAddress address) throws IOException {
    String metrics = "GET /metrics HTTP/1.0";
    Eventually.await(() -> ask(address, metrics).contains("crij_default_runtime{"));
    return ask(address, metrics);
  }

  private static Map<String, String> types(String answer) {
    Map<String, String> types = new TreeMap<>();
    TYPE.matcher(answer).results().forEach(type -> types.put(type.group(1), type.group(2)));
    return types;
  }

  private static Map<String, String> typesOfThePage() throws IOException {
    Map<String, String> types = new TreeMap<>();
    ROW.matcher(Files.readString(Path.of("../docs/metrics.md")))
        .results()
        .forEach(row -> types.put(row.group(1), row.group(2)));
    return types;
  }
}
