package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OverlapTest {
  @ParameterizedTest
  @CsvSource({
    "abc,abc,3",
    "abc,cde,1",
    "abc,xyz,0",
    "aaa,aa,2",
    "abab,abx,2",
    "abc,'',0",
    "'',abc,0"
  })
  void findsTheLongestEndThatTheOtherBeginsWith(String text, String next, int length) {
    assertThat(Overlap.length(bytes(text), bytes(next))).isEqualTo(length);
  }

  @Test
  void agreesWithTryingAll() {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      byte[] text = random(random);
      byte[] next = random(random);
      assertThat(Overlap.length(text, next)).isEqualTo(slow(text, next));
    }
  }

  @Test
  void aPieceTooShortToProveAnythingIsNotTakenForLogged() {
    LoggedChunk chunk = new LoggedChunk(1, bytes("line 1\nline 2\n"), 1, 0);
    assertThat(chunk.stillIn(bytes("line 1\nline 2\nline 3\n"))).as("all of it").isEqualTo(14);
    assertThat(chunk.stillIn(bytes("line 2\nline 3\n"))).as("a short end").isZero();
    LoggedChunk large = new LoggedChunk(1, bytes("a\n" + "b".repeat(100) + "\n"), 1, 0);
    assertThat(large.stillIn(bytes("b".repeat(100) + "\nc\n"))).as("a long end").isEqualTo(101);
  }

  private static byte[] random(Random random) {
    byte[] bytes = new byte[random.nextInt(12)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('a' + random.nextInt(2));
    }
    return bytes;
  }

  private static int slow(byte[] text, byte[] next) {
    for (int length = Math.min(text.length, next.length); length > 0; length--) {
      if (java.util.Arrays.equals(text, text.length - length, text.length, next, 0, length)) {
        return length;
      }
    }
    return 0;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
