package io.crij.image.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ImageReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String DIGEST = "sha256:" + HEX;

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox:latest",
    "busybox:1.29, docker.io/library/busybox:1.29",
    "library/busybox, docker.io/library/busybox:latest",
    "docker.io/busybox, docker.io/library/busybox:latest",
    "index.docker.io/busybox:1, docker.io/library/busybox:1",
    "index.docker.io/user/app, docker.io/user/app:latest",
    "user/app:v1, docker.io/user/app:v1",
    "localhost/app, localhost/app:latest",
    "localhost:5000/app, localhost:5000/app:latest",
    "localhost:5000/app:5000, localhost:5000/app:5000",
    "myhost:5000/a/b/c:t, myhost:5000/a/b/c:t",
    "UPPER/app, UPPER/app:latest",
    "registry.k8s.io/pause:3.9, registry.k8s.io/pause:3.9",
    "127.0.0.1:5000/x, 127.0.0.1:5000/x:latest",
    "[::1]:5000/x:y, [::1]:5000/x:y",
    "[2001:db8::1]/x, [2001:db8::1]/x:latest",
    "a.b/c__d.e-f---g/h:_T.x-1, a.b/c__d.e-f---g/h:_T.x-1",
    "xn--n3h.com/myimage, xn--n3h.com/myimage:latest",
  })
  void normalises(String text, String expected) {
    ImageReference reference = ImageReference.parse(text);
    assertThat(reference).hasToString(expected);
    assertThat(reference.repoTag()).isEqualTo(expected);
    assertThat(ImageReference.parse(expected)).isEqualTo(reference);
  }

  @Test
  void aDigestNeedsNoTag() {
    ImageReference reference = ImageReference.parse("busybox@" + DIGEST);
    assertThat(reference.tag()).isNull();
    assertThat(reference.digest()).isEqualTo(Digest.parse(DIGEST));
    assertThat(reference.repoTag()).isNull();
    assertThat(reference).hasToString("docker.io/library/busybox@" + DIGEST);
  }

  @Test
  void aTagBesideADigestIsKeptButClaimsNothing() {
    ImageReference reference = ImageReference.parse("quay.io/a/b:v1@" + DIGEST);
    assertThat(reference.tag()).isEqualTo("v1");
    assertThat(reference.repoTag()).isNull();
    assertThat(reference).hasToString("quay.io/a/b:v1@" + DIGEST);
    assertThat(reference.repoDigest(Digest.parse(DIGEST))).isEqualTo("quay.io/a/b@" + DIGEST);
  }

  @Test
  void withDigestKeepsTheTag() {
    assertThat(ImageReference.parse("a.io/b:1").withDigest(Digest.parse(DIGEST)))
        .hasToString("a.io/b:1@" + DIGEST);
  }

  static Stream<String> malformed() {
    return Stream.of(
        "",
        "/",
        ":",
        "@",
        "/busybox",
        "busybox/",
        "a.io/",
        "a.io//b",
        "a.io/b/",
        "busybox:",
        "busybox@",
        "busybox:1:2",
        "Busybox",
        "docker.io/Library/busybox",
        "a.io/b_",
        "a.io/b___c",
        "a.io/b..c",
        "a.io/-b",
        "a.io/../b",
        "a.io/./b",
        "../b",
        "a.io/b%2fc",
        "a.io/b?c=d",
        "a.io/b#c",
        "http://a.io/b",
        "user:pass@a.io/b",
        "a.io/b c",
        "a.io/b\n",
        "a.io/b\u0000",
        "a.io/b:\u0661",
        "a.io/b:-x",
        "a.io/b:.x",
        "a.io/b:" + "t".repeat(129),
        "-a.io/b",
        "a-.io/b",
        "a..io/b",
        ".a.io/b",
        "a.io./b",
        "a_b.io/c",
        "a.io:/b",
        "a.io:123456/b",
        "[::1/b",
        "[::1%25eth0]/b",
        "[]:5000/b",
        "a.io/" + "b".repeat(256),
        "a.".repeat(200) + "io/b",
        "x".repeat(2000),
        "busybox@sha256:" + "0".repeat(63),
        "busybox@sha256:" + "A".repeat(64),
        "busybox@" + DIGEST + "@" + DIGEST,
        "busybox@" + DIGEST + ":tag",
        HEX);
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesAllElse(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void limitsAreInclusive() {
    String path = "b".repeat(255);
    String tag = "t".repeat(128);
    assertThat(ImageReference.parse("a.io/" + path + ":" + tag + "@" + DIGEST))
        .hasToString("a.io/" + path + ":" + tag + "@" + DIGEST);
  }

  /**
   * Whatever is accepted reads back as itself and holds nothing that a URL or path could mistake.
   */
  @Test
  void randomTextIsRefusedOrHarmless() {
    Random random = new Random(4711);
    String alphabet = "aB0./:@_-%[]\\ \n\u00e9";
    for (int round = 0; round < 200_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(24); i >= 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      ImageReference reference;
      try {
        reference = ImageReference.parse(text.toString());
      } catch (ImageException.InvalidArgument e) {
        continue;
      }
      assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
      assertThat(reference.path()).matches("[a-z0-9._/-]+").doesNotContain("..", "//", "./", "/.");
    }
  }
}
