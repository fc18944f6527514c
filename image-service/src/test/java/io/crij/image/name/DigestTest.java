package io.crij.image.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final String HEX =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  private static final byte[] ABC = "abc".getBytes(StandardCharsets.UTF_8);

  @Test
  void readsWhatItPrints() {
    Digest digest = Digest.parse("sha256:" + HEX);
    assertThat(digest.algorithm()).isEqualTo(Digest.Algorithm.SHA256);
    assertThat(digest.hex()).isEqualTo(HEX);
    assertThat(digest).hasToString("sha256:" + HEX);
    String sha512 = "sha512:" + HEX + HEX;
    assertThat(Digest.parse(sha512)).hasToString(sha512);
  }

  @Test
  void hashesInOneGoAndInPieces() {
    Digest expected = Digest.parse("sha256:" + HEX);
    assertThat(Digest.sha256(ABC)).isEqualTo(expected);
    assertThat(expected.matches(ABC)).isTrue();
    assertThat(expected.matches(new byte[0])).isFalse();

    Digest.Hasher hasher = expected.hasher();
    hasher.update(ABC, 0, 1);
    hasher.update(ABC, 1, 2);
    assertThat(hasher.finish()).isEqualTo(expected);
  }

  @Test
  void sha512IsVerifiedAsSuch() {
    Digest digest = Digest.Algorithm.SHA512.of(ABC);
    assertThat(digest.hex()).hasSize(128).startsWith("ddaf35a1");
    assertThat(digest.matches(ABC)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "sha256",
        "sha256:",
        HEX,
        "sha256:../../../../etc/passwd",
        "sha256:..%2f..%2fba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "SHA256:" + HEX,
        "sha256:" + HEX + "0",
        "sha256:" + HEX + "\n",
        " sha256:" + HEX,
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:\u0661a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223/b00361a396177a9cb410ff61f20015ad",
        "sha512:" + HEX,
        "sha384:" + HEX + "b00361a396177a9cb410ff61f20015ad",
        "md5:900150983cd24fb0d6963f7d28e17f72",
        "sha256+b64:" + HEX,
        "sha256:sha256:" + HEX,
      })
  void refusesAllElse(String text) {
    assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void aHostileStringIsQuotedShortInTheMessage() {
    assertThatThrownBy(() -> Digest.parse("x\n\u001b[31m" + "y".repeat(1_000_000)))
        .hasMessageContaining("x\\u000a\\u001b[31m")
        .extracting(Throwable::getMessage, org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .hasSizeLessThan(300);
  }
}
