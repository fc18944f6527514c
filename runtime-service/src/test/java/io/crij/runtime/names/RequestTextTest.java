package io.crij.runtime.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.ServiceException.InvalidArgument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"web-0", "Pod_1.x", "a", "...", "8c2d"})
  void partsOfPaths(String text) {
    assertThat(RequestText.pathPart("f", text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "a/b", "../../x", "a b", "a;B=1", "a\n", "ü", "a\0b", "%2e%2e"})
  void otherPartsOfPathsAreRefused(String text) {
    assertThatThrownBy(() -> RequestText.pathPart("metadata.uid", text))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageStartingWith("metadata.uid: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/var/log/pods/a_b_c", "/a//b/", "/...", "/ü"})
  void paths(String text) {
    assertThat(RequestText.absolutePath("f", text)).isAbsolute();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "./a", "/a/../b", "/..", "/a/./b", "/a\nb", "/a\0b"})
  void otherPathsAreRefused(String text) {
    assertThatThrownBy(() -> RequestText.absolutePath("f", text))
        .isInstanceOf(InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "web-0", "Web.example.com", "0"})
  void hostnames(String text) {
    assertThat(RequestText.hostname("f", text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-a",
        "a-",
        "a..b",
        ".a",
        "a.",
        "a b",
        "a\nnameserver 6.6.6.6",
        "a\r",
        "a:b",
        "a_b",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void otherHostnamesAreRefused(String text) {
    assertThatThrownBy(() -> RequestText.hostname("hostname", text))
        .isInstanceOf(InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "svc.cluster.local", "svc.cluster.local.", "_tcp.example", "a_b"})
  void searchDomains(String text) {
    assertThat(RequestText.searchDomain("f", text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a b", "a\nnameserver 6.6.6.6", "a\n", "-a"})
  void otherSearchDomainsAreRefused(String text) {
    assertThatThrownBy(() -> RequestText.searchDomain("f", text))
        .isInstanceOf(InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.96.0.10",
        "0.0.0.0",
        "fd00::10",
        "::",
        "::1",
        "fe80::1%eth0",
        "::ffff:1.2.3.4"
      })
  void addresses(String text) {
    assertThat(RequestText.ipAddress("f", text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4\n",
        "localhost",
        "example.com",
        ":::",
        "[::1]",
        "fe80::1%",
        "fe80::1%a b",
        "1.2.3.4%eth0",
        "12345::",
        "1:2:3:4:5:6:7:8:9",
        "ab"
      })
  void otherAddressesAreRefused(String text) {
    assertThatThrownBy(() -> RequestText.ipAddress("dns_config.servers", text))
        .isInstanceOf(InvalidArgument.class);
  }

  @Test
  void messagesShowControlCharactersAndAreShort() {
    assertThatThrownBy(() -> RequestText.hostname("hostname", "a\n" + "b".repeat(10_000)))
        .hasMessageContaining("a\\u000ab")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\n"));
  }
}
