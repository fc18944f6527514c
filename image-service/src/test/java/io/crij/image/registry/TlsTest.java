package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.naive.NaiveClient;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsTest {
  private static final byte[] CONTENT = {1, 2, 3};
  private static final int MUCH = 1 << 20;
  private static final AuthConfig USER =
      AuthConfig.newBuilder().setUsername("jane").setPassword("secret").build();

  @TempDir static Path keys;
  private static TestCertificate good;
  private static TestCertificate client;

  private FakeRegistry registry = FakeRegistry.plain();
  @TempDir Path folder;

  @BeforeAll
  static void makeCertificates() throws Exception {
    good = new TestCertificate(keys, "EC", "ip:127.0.0.1");
    client = new TestCertificate(keys, "RSA", "dns:client");
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private Descriptor serve(SSLContext tls) {
    registry.close();
    registry = FakeRegistry.secure("127.0.0.1", tls);
    return registry.blob(REPOSITORY, CONTENT);
  }

  private Pulls trusting(TestCertificate certificate, String more) throws Exception {
    Pulls node = new Pulls(folder, registry).hosts("ca = \"ca.crt\"\n" + more);
    Files.writeString(node.file("ca.crt"), certificate.certificatePem());
    return node;
  }

  private static byte[] fetch(Pulls node, Descriptor blob) {
    try (ImageSource source = node.open(":v1", USER)) {
      return source.content(blob);
    }
  }

  private void assertRefused(Pulls node, Descriptor blob) {
    assertThatThrownBy(() -> fetch(node, blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining(registry.url() + ": TLS: ");
    assertThat(registry.seen()).isEmpty();
  }

  @Test
  void anUnknownCertificateIsRefusedUntilItsAuthorityIsConfigured() throws Exception {
    Descriptor blob = serve(good.server());
    assertRefused(new Pulls(folder, registry), blob);
    assertThat(fetch(trusting(good, ""), blob)).isEqualTo(CONTENT);
    Files.delete(new Pulls(folder, registry).file("hosts.toml"));
    assertThat(fetch(new Pulls(folder, registry), blob))
        .as("Docker's form: the .crt alone")
        .isEqualTo(CONTENT);
  }

  @Test
  void anAuthorityIsReadUnderEachOfItsNames() throws Exception {
    Descriptor blob = serve(good.server());
    byte[] der = Base64.getMimeDecoder().decode(good.certificatePem().replaceAll("-----.*", ""));
    Pulls node = trusting(good, "");
    for (String label : new String[] {"X509 CERTIFICATE", "TRUSTED CERTIFICATE"}) {
      Files.writeString(node.file("ca.crt"), TestCertificate.pem(label, der));
      assertThat(fetch(node, blob)).isEqualTo(CONTENT);
    }
  }

  /** What {@code openssl x509 -addtrust} and {@code -addreject} write behind a certificate. */
  @ParameterizedTest
  @CsvSource({
    "300c300a06082b06010505070301, true", // trusted for servers
    "300830060604551d2500, true", // for all purposes
    "300c300a06082b06010505070304, false", // for mail alone
    "300ca00a06082b06010505070301, false", // rejected for servers
    "300ca00a06082b06010505070304, true", // for mail
    "30050c0354657a, true" // only called by a name
  })
  void anAuthorityMaySayWhatItIsTrustedFor(String auxiliary, boolean trusted) throws Exception {
    Descriptor blob = serve(good.server());
    Pulls node = trusting(good, "");
    byte[] der = Base64.getMimeDecoder().decode(good.certificatePem().replaceAll("-----.*", ""));
    byte[] behind = HexFormat.of().parseHex(auxiliary);
    byte[] both = Arrays.copyOf(der, der.length + behind.length);
    System.arraycopy(behind, 0, both, der.length, behind.length);
    Files.writeString(node.file("ca.crt"), TestCertificate.pem("TRUSTED CERTIFICATE", both));
    if (trusted) {
      assertThat(fetch(node, blob)).isEqualTo(CONTENT);
    } else {
      assertNamed(node, blob, "ca.crt: no certificate in it");
    }
  }

  @Test
  void aCertificateOfAnotherHostIsRefused() throws Exception {
    TestCertificate other = new TestCertificate(keys, "EC", "ip:127.0.0.9");
    Descriptor blob = serve(other.server());
    assertRefused(trusting(other, ""), blob);
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    TestCertificate expired =
        new TestCertificate(keys, "EC", "ip:127.0.0.1", "-startdate", "-3d", "-validity", "1");
    Descriptor blob = serve(expired.server());
    assertRefused(trusting(expired, ""), blob);
  }

  @Test
  void skipVerifyTakesAnyCertificate() throws Exception {
    TestCertificate other =
        new TestCertificate(keys, "EC", "ip:127.0.0.9", "-startdate", "-3d", "-validity", "1");
    Descriptor blob = serve(other.server());
    assertThat(fetch(new Pulls(folder, registry).hosts("skip_verify = true"), blob))
        .isEqualTo(CONTENT);
  }

  @Test
  void aPlainServerIsNotSpokenToInPlain() {
    Descriptor blob = registry.blob(REPOSITORY, CONTENT);
    for (String toml : new String[] {"", "skip_verify = true"}) {
      Pulls node = new Pulls(folder, registry).hosts(toml).impatient();
      assertThatThrownBy(() -> fetch(node, blob)).isInstanceOf(ImageException.Unavailable.class);
    }
    assertThat(registry.seen()).isEmpty();
  }

  @Test
  void aClientCertificateIsShownInEachFormOfItsKey() throws Exception {
    Descriptor blob = serveClientsOnly();
    assertThatThrownBy(() -> fetch(trusting(good, ""), blob))
        .isInstanceOf(ImageException.Unavailable.class);

    Pulls node = trusting(good, "client = [[\"c.cert\", \"c.key\"]]");
    Files.writeString(node.file("c.cert"), client.certificatePem());
    Files.writeString(node.file("c.key"), client.keyPem());
    assertThat(fetch(node, blob)).isEqualTo(CONTENT);

    byte[] pkcs8 = client.key().getEncoded(); // its last element is the PKCS #1 key
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
    Files.writeString(node.file("c.key"), TestCertificate.pem("RSA PRIVATE KEY", pkcs1));
    assertThat(fetch(node, blob)).isEqualTo(CONTENT);

    Pulls single = trusting(good, "client = \"c.pem\"");
    Files.writeString(single.file("c.pem"), client.keyPem() + client.certificatePem());
    assertThat(fetch(single, blob)).isEqualTo(CONTENT);
  }

  private Descriptor serveClientsOnly() throws Exception {
    SSLContext tls = good.server(client);
    registry.close();
    registry =
        FakeRegistry.secure(
            "127.0.0.1",
            new HttpsConfigurator(tls) {
              @Override
              public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
              }
            });
    return registry.blob(REPOSITORY, CONTENT);
  }

  @Test
  void aFileThatCannotBeUsedIsNamed() throws Exception {
    Descriptor blob = serve(good.server());
    Pulls node = new Pulls(folder, registry).hosts("ca = \"gone.crt\"");
    assertNamed(node, blob, "gone.crt");
    Files.writeString(node.file("gone.crt"), "no certificate");
    assertNamed(node, blob, "gone.crt: no certificate in it");
    Files.writeString(node.file("gone.crt"), TestCertificate.pem("CERTIFICATE", new byte[9]));
    assertNamed(node, blob, "gone.crt: malformed certificate");
    Pulls pair = trusting(good, "client = [[\"ca.crt\", \"gone.key\"]]");
    assertNamed(pair, blob, "gone.key");
    Files.writeString(pair.file("gone.key"), "secret");
    assertNamed(pair, blob, "gone.key: no private key in it");
    Files.writeString(pair.file("gone.key"), TestCertificate.pem("EC PRIVATE KEY", new byte[9]));
    assertNamed(pair, blob, "gone.key: not a private key");
  }

  private static void assertNamed(Pulls node, Descriptor blob, String text) {
    assertThatThrownBy(() -> fetch(node, blob))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining(text)
        .message()
        .doesNotContain("secret");
  }

  /** CVE-2019-10214: credentials are not sent to a token server without TLS. */
  @Test
  void aTokenServerWithoutTlsIsRefused() throws Exception {
    Descriptor blob = serve(good.server());
    try (FakeRegistry evil = FakeRegistry.plainAt("127.0.0.2")) {
      registry.guard(exchange -> {
        exchange
            .getResponseHeaders()
            .set("WWW-Authenticate", "Bearer realm=\"" + evil.url() + "/token\"");
        FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
        return false;
      });
      evil.on("/token", FakeRegistry.bytes("application/json", new byte[] {'{', '}'}));
      byte[] token =
          new NaiveClient("jane", "secret")
              .over(good.server(good))
              .get(registry.url() + FakeRegistry.blobPath(REPOSITORY, blob), MUCH);
      assertThat(token).hasSize(2);
      assertThat(evil.seen())
          .as("what the naive shows there")
          .singleElement()
          .satisfies(seen -> assertThat(seen.headers().getFirst("Authorization")).isNotNull());
      Pulls node = trusting(good, "");
      assertThatThrownBy(() -> fetch(node, blob))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("token server " + evil.url() + "/token is not reached by https");
      assertThat(evil.seen()).hasSize(1);
    }
  }

  @Test
  void aRedirectOutOfTlsIsRefused() throws Exception {
    Descriptor blob = serve(good.server());
    try (FakeRegistry evil = FakeRegistry.plainAt("127.0.0.2")) {
      registry.on(
          FakeRegistry.blobPath(REPOSITORY, blob),
          FakeRegistry.redirect(307, evil.url() + "/x?sig=SECRET"));
      Pulls node = trusting(good, "");
      assertThatThrownBy(() -> fetch(node, blob))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("redirect from https to " + evil.url() + "/x")
          .message()
          .doesNotContain("SECRET");
      assertThat(evil.seen()).isEmpty();
    }
  }

  /** The storage behind a private registry usually has a certificate of the same authority. */
  @Test
  void aRedirectTargetIsTrustedByTheSameAuthorityButNotShownTheClient() throws Exception {
    TestCertificate storageCertificate = new TestCertificate(keys, "EC", "ip:127.0.0.2");
    Descriptor blob = serveClientsOnly();
    try (FakeRegistry storage = clientsWelcome(storageCertificate)) {
      registry.on(
          FakeRegistry.blobPath(REPOSITORY, blob),
          FakeRegistry.redirect(307, storage.url() + "/blob"));
      storage.on("/blob", FakeRegistry.ranges(CONTENT));
      Pulls node = trusting(good, "client = \"c.pem\"");
      Files.writeString(
          node.file("ca.crt"), good.certificatePem() + storageCertificate.certificatePem());
      Files.writeString(node.file("c.pem"), client.keyPem() + client.certificatePem());
      assertThat(fetch(node, blob)).isEqualTo(CONTENT);
      assertThat(storage.seen()).hasSize(1);
      assertThat(storage.clientCertificates()).isZero();
      assertThat(registry.clientCertificates()).isEqualTo(1);
    }
  }

  private static FakeRegistry clientsWelcome(TestCertificate certificate) throws Exception {
    SSLContext tls = certificate.server(client);
    return FakeRegistry.secure(
        "127.0.0.2",
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setWantClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
  }
}
