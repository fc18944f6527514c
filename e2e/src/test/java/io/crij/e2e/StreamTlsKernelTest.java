package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.program.Command;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.Certificate;
import io.crij.e2e.streams.StreamCalls;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Streams over TLS between a server and clients that know each other: crictl, which has the TLS of
 * Go, and curl, which has OpenSSL's.
 */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamTlsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final String CIPHER = "TLS_AES_256_GCM_SHA384";

  /** What curl ends with: the handshake failed, the certificate is a stranger's. */
  private static final int NO_HANDSHAKE = 35;

  private static final int STRANGER = 60;

  /** With TLS 1.3 a client's certificate is refused after the handshake, to who sends or reads. */
  private static final List<Integer> REFUSED_AFTERWARDS = List.of(55, 56);

  private Certificate server;
  private Certificate authority;
  private Certificate client;
  private Node node;
  private StreamCalls calls;
  private String container;
  private URI url;

  @BeforeEach
  void run(PrivateRoot home, Registry registry) throws Exception {
    server = Certificate.authority(home.path(), "stream");
    authority = Certificate.authority(home.path(), "authority");
    client = authority.issue("client");
    node =
        Node.start(
            home,
            registry,
            """
            [crij.api]
            stream_enable_tls = true
            stream_tls_cert = "%s"
            stream_tls_key = "%s"
            stream_tls_ca = "%s"
            tls_min_version = "VersionTLS13"
            tls_cipher_suites = ["%s"]
            """
                .formatted(server.certificate(), server.key(), authority.certificate(), CIPHER));
    calls = new StreamCalls(node);
    container = RunningPod.run(node, "tls", IMAGE).start("sleep", "1000");
    url = calls.exec(container, "true");
  }

  @AfterEach
  void end() throws Exception {
    calls.close();
    node.close();
  }

  @Test
  void serverAndClientsKnowEachOther(PrivateRoot home) throws Exception {
    assertThat(url.getScheme()).isEqualTo("https");
    assertOnlyWhomTheAuthorityKnowsExecutes(home.path());
    assertOlderVersionsAndOtherCiphersAreRefused();
    assertWhatIsRenewedIsUsedFromTheNextConnectionOn(home.path());
  }

  private void assertOnlyWhomTheAuthorityKnowsExecutes(Path folder) {
    for (String transport : new String[] {"spdy", "websocket"}) {
      String output = execute(transport, server, client).output();
      assertThat(output.lines().count()).as(transport).isEqualTo(100_000);
    }
    Certificate stranger = Certificate.authority(folder, "stranger");
    assertThat(execute("spdy", server, stranger).status()).isNotZero();
    assertThat(node.crictl().attempt("exec", container, "true").status()).isNotZero();
    // The client does not believe everybody either.
    assertThat(execute("spdy", stranger, client).errors()).contains("signed by unknown authority");
  }

  private Command.Outcome execute(String transport, Certificate trusted, Certificate shown) {
    return node.crictl()
        .attempt(
            "exec",
            "--transport=" + transport,
            "--tls-server-name=127.0.0.1",
            "--tls-ca=" + trusted.certificate(),
            "--tls-cert=" + shown.certificate(),
            "--tls-key=" + shown.key(),
            container,
            "seq",
            "1",
            "100000");
  }

  private void assertOlderVersionsAndOtherCiphersAreRefused() {
    assertThat(curl(server.certificate(), client)).isZero();
    assertThat(curl(server.certificate(), client, "--tls13-ciphers", CIPHER)).isZero();
    assertThat(curl(server.certificate(), client, "--tls13-ciphers", "TLS_AES_128_GCM_SHA256"))
        .isEqualTo(NO_HANDSHAKE);
    assertThat(curl(server.certificate(), client, "--tls-max", "1.2")).isEqualTo(NO_HANDSHAKE);
  }

  /** Of both sides, without a restart; a session that is under way goes on. */
  private void assertWhatIsRenewedIsUsedFromTheNextConnectionOn(Path folder) throws Exception {
    Path former = Files.copy(server.certificate(), folder.resolve("former.crt"));
    Certificate formerClient = client;
    Process session = longSession(folder);
    try (var lines = session.inputReader();
        var input = session.outputWriter()) {
      assertThat(lines.readLine()).isEqualTo("begun");

      server.replaceBy(Certificate.authority(folder, "renewed"));
      assertThat(curl(former, client)).isEqualTo(STRANGER);
      assertThat(curl(server.certificate(), client)).isZero();

      Certificate other = Certificate.authority(folder, "other");
      client = other.issue("newcomer");
      assertThat(curl(server.certificate(), client)).isIn(REFUSED_AFTERWARDS);
      authority.replaceBy(other);
      assertThat(curl(server.certificate(), client)).isZero();
      assertThat(curl(server.certificate(), formerClient)).isIn(REFUSED_AFTERWARDS);

      // Half of a change: the former pair stays.
      Files.writeString(server.key(), "half a key");
      assertThat(curl(server.certificate(), client)).isZero();
      assertThat(execute("spdy", server, client).status()).isZero();

      input.write("words\n");
      input.flush();
      assertThat(lines.readLine()).isEqualTo("got words");
    } finally {
      session.destroyForcibly().waitFor();
    }
  }

  private Process longSession(Path folder) throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("session.sh"),
            "exec "
                + node.crictl()
                    .line(
                        "exec",
                        "-i",
                        "--tls-server-name=127.0.0.1",
                        "--tls-ca=" + server.certificate(),
                        "--tls-cert=" + client.certificate(),
                        "--tls-key=" + client.key(),
                        container,
                        "sh",
                        "-c",
                        "'echo begun; read line; echo got $line'"));
    return new ProcessBuilder("bash", script.toString()).start();
  }

  /** What it ends with, which is 0 for any answer of HTTP, though it be 404. */
  private int curl(Path trusted, Certificate shown, String... more) {
    List<String> words = new ArrayList<>(List.of("curl", "--silent", "--max-time", "60"));
    words.addAll(List.of("--cacert", trusted.toString(), "--cert", shown.certificate().toString()));
    words.addAll(List.of("--key", shown.key().toString(), "--output", "/dev/null"));
    words.addAll(List.of(more));
    words.add("https://" + url.getAuthority() + "/");
    return Command.of(words.toArray(String[]::new)).attempt().status();
  }
}
