package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls have connections in common as long as nothing that they prove or trust by has changed. */
class ConnectionsTest {
  private static final byte[] CONTENT = {1, 2, 3};
  private static final int PULLS = 20;

  @TempDir static Path keys;
  private static TestCertificate server;
  private static TestCertificate client;

  @TempDir Path folder;

  @BeforeAll
  static void makeCertificates() throws Exception {
    server = new TestCertificate(keys, "EC", "ip:127.0.0.1,ip:127.0.0.2");
    client = new TestCertificate(keys, "EC", "dns:client");
  }

  /** A registry that takes a certificate of its clients, and wants none. */
  private static FakeRegistry secure(String address) throws Exception {
    SSLContext tls = server.server(client);
    return FakeRegistry.secure(
        address,
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setWantClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
  }

  private static void fetch(Pulls node, Descriptor blob) {
    try (ImageSource source = node.open(":v1")) {
      assertThat(source.content(blob)).isEqualTo(CONTENT);
    }
  }

  private static Set<Integer> connections(FakeRegistry registry) {
    return registry.seen().stream()
        .map(FakeRegistry.Seen::clientPort)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Test
  void aPullGoesByTheConnectionOfTheOneBefore() throws Exception {
    try (FakeRegistry plain = FakeRegistry.plain();
        FakeRegistry secure = secure("127.0.0.1")) {
      Pulls ofPlain = new Pulls(folder, plain).plain();
      Pulls ofSecure = new Pulls(folder, secure).hosts("ca = \"ca.crt\"");
      Files.writeString(ofSecure.file("ca.crt"), server.certificatePem());
      for (int i = 0; i < PULLS; i++) {
        fetch(ofPlain, plain.blob(REPOSITORY, CONTENT));
        fetch(ofSecure, secure.blob(REPOSITORY, CONTENT));
      }
      // A connection may be a moment too late for the next pull.
      assertThat(connections(plain)).hasSizeLessThan(PULLS / 2);
      assertThat(connections(secure)).hasSizeLessThan(PULLS / 2);
    }
  }

  @Test
  void aPullAfterAChangeOfTrustOrProofHasItsOwnConnection() throws Exception {
    try (FakeRegistry registry = secure("127.0.0.1")) {
      Descriptor blob = registry.blob(REPOSITORY, CONTENT);
      Pulls node = new Pulls(folder, registry).hosts("ca = \"ca.crt\"");
      Files.writeString(node.file("ca.crt"), server.certificatePem());
      Files.writeString(node.file("c.pem"), client.keyPem() + client.certificatePem());
      fetch(node, blob);
      Files.writeString(node.file("ca.crt"), "another length\n" + server.certificatePem());
      assertOwnConnection(registry, node, blob);
      node.hosts("skip_verify = true");
      assertOwnConnection(registry, node, blob);
      assertThat(registry.clientCertificates()).isZero();
      node.hosts("skip_verify = true\nclient = \"c.pem\"");
      assertOwnConnection(registry, node, blob);
      assertThat(registry.clientCertificates()).isEqualTo(1);
      node.hosts("skip_verify = true");
      fetch(node, blob);
      assertThat(registry.clientCertificates()).isEqualTo(1);
    }
  }

  private static void assertOwnConnection(FakeRegistry registry, Pulls node, Descriptor blob) {
    Set<Integer> before = connections(registry);
    fetch(node, blob);
    assertThat(before).doesNotContain(registry.seen().getLast().clientPort());
  }

  @Test
  void whatIsMeantForOneHostIsNotShownToAnother() throws Exception {
    try (FakeRegistry registry = secure("127.0.0.1");
        FakeRegistry mirror = secure("127.0.0.2")) {
      Descriptor blob = registry.blob(REPOSITORY, CONTENT);
      Pulls node =
          new Pulls(folder, registry)
              .hosts(
                  """
                  ca = "ca.crt"
                  client = "c.pem"
                  header = {X-Secret = "for the registry"}
                  [host."%s"]
                    ca = "ca.crt"
                  """
                      .formatted(mirror.url()));
      Files.writeString(node.file("ca.crt"), server.certificatePem());
      Files.writeString(node.file("c.pem"), client.keyPem() + client.certificatePem());
      for (int i = 0; i < 3; i++) {
        fetch(node, blob);
      }
      assertThat(registry.clientCertificates()).isEqualTo(3);
      assertThat(registry.seen())
          .allSatisfy(seen ->
              assertThat(seen.headers().get("X-Secret")).isEqualTo(List.of("for the registry")));
      assertThat(mirror.clientCertificates()).isZero();
      assertThat(mirror.seen())
          .hasSize(3)
          .allSatisfy(seen -> assertThat(seen.headers()).doesNotContainKey("X-Secret"));
    }
  }
}
