package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.TestCertificate;
import io.crij.image.registry.fake.TestProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls by a proxy: the registry has a name that nobody can resolve. */
class ProxyPullTest {
  private static final String DOMAIN = "registry.test:5000";
  private static final byte[] CONTENT = {1, 2, 3};
  private static final String SECRET = "hunter2hunter2";
  private static final String BASIC =
      "Basic "
          + Base64.getEncoder().encodeToString(("u:" + SECRET).getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;

  private byte[] fetch(Pulls node, Descriptor blob) {
    try (ImageSource source = node.open(":v1", AuthConfig.getDefaultInstance())) {
      return source.content(blob);
    }
  }

  private Pulls plain(String proxy, String noProxy) {
    return new Pulls(folder, DOMAIN).plain().by(new ProxySettings(proxy, "", noProxy));
  }

  @Test
  void aPlainRegistryIsAskedByTheProxy() {
    try (FakeRegistry registry = FakeRegistry.plain();
        TestProxy proxy = new TestProxy(registry.authority(), BASIC)) {
      Descriptor blob = registry.blob(REPOSITORY, CONTENT);
      String url = "http://u:" + SECRET + "@" + proxy.authority();
      assertThat(fetch(plain(url, ""), blob)).isEqualTo(CONTENT);
      assertThat(proxy.heads())
          .first()
          .asString()
          .startsWith("GET http://" + DOMAIN + "/v2/" + REPOSITORY + "/blobs/");
    }
  }

  @Test
  void aRegistryWithTlsIsTunnelledTo() throws Exception {
    TestCertificate certificate = new TestCertificate(folder, "EC", "dns:registry.test");
    try (FakeRegistry registry = FakeRegistry.secure("127.0.0.1", certificate.server());
        TestProxy proxy = new TestProxy(registry.authority(), BASIC)) {
      Descriptor blob = registry.blob(REPOSITORY, CONTENT);
      Pulls node =
          new Pulls(folder, DOMAIN)
              .hosts("ca = \"ca.crt\"")
              .by(new ProxySettings("", "u:" + SECRET + "@" + proxy.authority(), ""));
      Files.writeString(node.file("ca.crt"), certificate.certificatePem());
      assertThat(fetch(node, blob)).isEqualTo(CONTENT);
      assertThat(proxy.heads())
          .isNotEmpty()
          .allSatisfy(head -> assertThat(head).startsWith("CONNECT " + DOMAIN + " "));
      assertThat(registry.seen())
          .allSatisfy(seen ->
              assertThat(seen.headers())
                  .doesNotContainKeys("Proxy-Authorization", "Authorization"));
    }
  }

  @Test
  void aProxyThatRefusesIsNamedWithoutItsPassword() {
    try (FakeRegistry registry = FakeRegistry.plain();
        TestProxy proxy = new TestProxy(registry.authority(), "Basic other")) {
      Descriptor blob = registry.blob(REPOSITORY, CONTENT);
      String account = "u:" + SECRET + "@" + proxy.authority();
      assertRefuses(plain(account, ""), blob);
      assertRefuses(
          new Pulls(folder, DOMAIN).hosts("").by(new ProxySettings("", account, "")), blob);
      assertThat(registry.seen()).isEmpty();
    }
  }

  private void assertRefuses(Pulls node, Descriptor blob) {
    assertThatThrownBy(() -> fetch(node, blob))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("407")
        .satisfies(e -> assertThat(Secrets.everythingIn(e)).doesNotContain(SECRET, BASIC));
  }

  @Test
  void aProxyThatIsAwayIsUnavailable() {
    Descriptor blob;
    String away;
    try (FakeRegistry registry = FakeRegistry.plain();
        TestProxy proxy = new TestProxy(registry.authority(), "")) {
      blob = registry.blob(REPOSITORY, CONTENT);
      away = proxy.authority();
    }
    assertThatThrownBy(() -> fetch(plain("u:" + SECRET + "@" + away, ""), blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .satisfies(e -> assertThat(Secrets.everythingIn(e)).doesNotContain(SECRET));
  }

  @Test
  void aHostThatIsListedIsAskedDirectly() {
    try (FakeRegistry registry = FakeRegistry.plain();
        TestProxy proxy = new TestProxy(registry.authority(), "")) {
      Descriptor blob = registry.blob(REPOSITORY, CONTENT);
      assertThatThrownBy(() -> fetch(plain(proxy.authority(), ".test"), blob))
          .isInstanceOf(ImageException.Unavailable.class)
          .hasMessageContaining("cannot be resolved");
      assertThat(proxy.heads()).isEmpty();
    }
  }
}
