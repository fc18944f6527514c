package io.crij.linux.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BytePathTest {
  @ParameterizedTest
  @CsvSource({
    "a/b/c, /a/b/c",
    "/a//b/, /a/b",
    "./a/./b/., /a/b",
    "../../tmp/x, /tmp/x",
    "a/../../b, /b",
    "a/b/.., /a",
    "a/.., /",
    "., /",
    "/, /",
    "'', /",
    "..., /...",
    "a/..b/.c, /a/..b/.c"
  })
  void isAnchoredAtTheRoot(String raw, String clean) {
    assertThat(BytePath.of(raw)).hasToString(clean);
  }

  @Test
  void takesApartAndPutsTogether() {
    BytePath path = BytePath.of("a/b");
    assertThat(path.parent()).isEqualTo(BytePath.of("a"));
    assertThat(path.parent().parent().isRoot()).isTrue();
    assertThat(path.name()).isEqualTo(Name.of("b"));
    assertThat(path.parent().resolve(Name.of("b"))).isEqualTo(path);
    assertThat(BytePath.ROOT.resolve(Name.of("a"))).isEqualTo(BytePath.of("a"));
    assertThatThrownBy(BytePath.ROOT::name).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsBytesThatAreNoUtf8() {
    byte[] latin1 = {'d', '/', (byte) 0xe9, '\n'};
    assertThat(BytePath.of(latin1).bytes()).isEqualTo(latin1);
    assertThat(BytePath.of(latin1)).hasToString("/d/\\xe9\\x0a");
  }

  @Test
  void refusesWhatNoPathCanBe() {
    assertThatThrownBy(() -> BytePath.of(new byte[] {'a', 0, 'b'}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BytePath.of("x".repeat(BytePath.MAX_BYTES + 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b"})
  void refusesWhatNoNameCanBe(String name) {
    assertThatThrownBy(() -> Name.of(name)).isInstanceOf(IllegalArgumentException.class);
  }
}
