package io.crij.monitor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.io.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CriFramerTest {
  private static final String T = "2026-02-28T23:59:59.000000007Z stdout ";
  private static final String K16 = "x".repeat(CriFramer.MAX_CONTENT_BYTES);

  private final CriFramer framer = new CriFramer("stdout");
  private final NativeBuffer in = NativeBuffer.allocate(1 << 18);
  private final FramedLines lines = new FramedLines(in, NativeBuffer.allocate(1 << 19));

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "a\\n, KEEP, 2, F a|",
        "a\\nb, KEEP, 2, F a|",
        "a\\nb, PARTIAL, 3, F a|P b|",
        "a\\nb, FINAL, 3, F a|F b|",
        "\\n, KEEP, 1, F |",
        "\\n\\n\\n, KEEP, 3, F |F |F |",
        "a b\\n, KEEP, 4, F a b|",
        "b, KEEP, 0, ''",
      })
  void framesLines(String input, String tail, int taken, String lines) {
    assertThat(frame(input.replace("\\n", "\n"), Tail.valueOf(tail))).isEqualTo(taken);
    assertThat(framed()).isEqualTo(expected(lines));
  }

  @Test
  void splitsLinesOverTheLimitAndNoOthers() {
    assertThat(frame(K16 + "\n", Tail.KEEP)).isEqualTo(K16.length() + 1);
    assertThat(framed()).isEqualTo(T + "F " + K16 + "\n");

    assertThat(frame(K16 + "y\n", Tail.KEEP)).isEqualTo(K16.length() + 2);
    assertThat(framed()).isEqualTo(T + "P " + K16 + "\n" + T + "F y\n");

    assertThat(frame(K16 + K16 + "y", Tail.KEEP)).isEqualTo(2 * K16.length());
    assertThat(framed()).isEqualTo((T + "P " + K16 + "\n").repeat(2));
    assertThat(framer.isMidLine()).isTrue();
  }

  @Test
  void waitsForTheByteThatDecidesWhetherALineIsTooLong() {
    assertThat(frame(K16, Tail.KEEP)).isZero();
    assertThat(frame(K16, Tail.FINAL)).isEqualTo(K16.length());
    assertThat(framed()).isEqualTo(T + "F " + K16 + "\n");
  }

  @Test
  void endsALineOfWhichOnlyPartsWereLogged() {
    frame("prompt> ", Tail.PARTIAL);
    assertThat(framed()).isEqualTo(T + "P prompt> \n");
    framer.finish(lines);
    assertThat(framed()).isEqualTo(T + "F \n");
    framer.finish(lines);
    assertThat(lines.bytes()).isZero();
  }

  @Test
  void takesNoMoreThanFitsIntoTheOutput() {
    FramedLines small = new FramedLines(in, NativeBuffer.allocate(4 * (T.length() + 4)));
    in.bytes().put(0, "a\nb\nc\nd\ne\n".getBytes(StandardCharsets.US_ASCII));
    stamp();
    assertThat(framer.frame(small, 10, Tail.FINAL)).isEqualTo(6);
    assertThat(small.bytes()).isEqualTo(3 * (T.length() + 4));
  }

  private int frame(String input, Tail tail) {
    byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
    in.bytes().put(0, bytes);
    stamp();
    return framer.frame(lines, bytes.length, tail);
  }

  private void stamp() {
    framer.stamp(Instant.parse("2026-02-28T23:59:59.000000007Z"));
  }

  private String framed() {
    byte[] bytes = new byte[lines.bytes()];
    lines.copyTo(ByteBuffer.wrap(bytes));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String expected(String lines) {
    StringBuilder text = new StringBuilder();
    for (String line : lines.split("\\|")) {
      text.append(line.isEmpty() ? "" : T + line + "\n");
    }
    return text.toString();
  }
}
