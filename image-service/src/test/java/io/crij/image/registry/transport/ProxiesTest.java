package io.crij.image.registry.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.ProxySettings;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {
  private static Proxy proxy(ProxySettings settings, String url) {
    return new Proxies(settings).select(URI.create(url)).getFirst();
  }

  private static boolean proxied(String noProxy, String url) {
    return !proxy(new ProxySettings("192.0.2.1:3128", "192.0.2.1:3128", noProxy), url)
        .equals(Proxy.NO_PROXY);
  }

  @Test
  void theSchemeDecides() {
    ProxySettings settings = new ProxySettings("http://192.0.2.1", "192.0.2.2:3128", "");
    assertThat(proxy(settings, "http://r.test/"))
        .isEqualTo(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("192.0.2.1", 80)));
    assertThat(proxy(settings, "https://r.test/"))
        .isEqualTo(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("192.0.2.2", 3128)));
    assertThat(proxy(new ProxySettings("", "", ""), "https://r.test/")).isEqualTo(Proxy.NO_PROXY);
    assertThat(proxy(new ProxySettings("192.0.2.1", "", ""), "https://r.test/"))
        .isEqualTo(Proxy.NO_PROXY);
  }

  /** The cases of the package documentation of golang.org/x/net/http/httpproxy. */
  @ParameterizedTest
  @CsvSource({
    "'', https://r.test/, true",
    "*, https://r.test/, false",
    "r.test, https://r.test/, false",
    "r.test, https://R.TEST/, false",
    "R.test, https://r.test:5000/, false",
    "r.test, https://a.r.test/, false",
    "r.test, https://ar.test/, true",
    ".r.test, https://r.test/, true",
    ".r.test, https://a.b.r.test/, false",
    "*.r.test, https://r.test/, true",
    "*.r.test, https://a.r.test/, false",
    "r.test:5000, https://r.test:5000/, false",
    "r.test:5000, https://r.test/, true",
    "r.test:443, https://r.test/, false",
    "r.test:80, http://r.test/, false",
    "192.0.2.7, https://192.0.2.7/, false",
    "192.0.2.7, https://192.0.2.8/, true",
    "192.0.2.7:5000, https://192.0.2.7:5000/, false",
    "192.0.2.7:5000, https://192.0.2.7/, true",
    "192.0.2.0/24, https://192.0.2.200:5000/, false",
    "192.0.2.0/25, https://192.0.2.200:5000/, true",
    "192.0.2.0/33, https://192.0.2.1/, true",
    "192.0.2.0/x, https://192.0.2.1/, true",
    "2001:db8::/32, 'https://[2001:db8::1]/', false",
    "2001:db8::1, 'https://[2001:db8::1]/', false",
    "'[2001:db8::1]:5000', 'https://[2001:db8::1]:5000/', false",
    "'a.test, ,r.test ', https://r.test/, false",
    "2.7, https://192.0.2.7/, true",
  })
  void listedHostsAreAskedDirectly(String noProxy, String url, boolean proxied) {
    assertThat(proxied(noProxy, url)).isEqualTo(proxied);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost/",
        "https://localhost:5000/",
        "https://127.0.0.2:1/",
        "https://[::1]/"
      })
  void thisNodeIsAskedDirectly(String url) {
    assertThat(proxied("", url)).isFalse();
  }

  @Test
  void aPasswordIsForTheProxyAlone() {
    Proxies proxies = new Proxies(new ProxySettings("", "http://us%40er:p+%3Aw@192.0.2.1:1", ""));
    assertThat(proxies.authorization(URI.create("https://r.test/")))
        .isEqualTo(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString("us@er:p+:w".getBytes(StandardCharsets.UTF_8)));
    assertThat(proxies.authorization(URI.create("http://r.test/"))).isNull();
    assertThat(proxies.authorization(URI.create("https://127.0.0.1/"))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://u:secret@", "https://u:secret@p.test", "socks5://p.test", "a b secret"})
  void aProxyThatCannotBeUsedIsSaidSoWithoutItsPassword(String url) {
    ProxySettings settings = new ProxySettings("", url, "");
    assertThatThrownBy(() -> proxy(settings, "https://r.test/"))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith("https_proxy")
        .message()
        .doesNotContain("secret");
    assertThat(settings.toString()).doesNotContain("secret");
  }
}
