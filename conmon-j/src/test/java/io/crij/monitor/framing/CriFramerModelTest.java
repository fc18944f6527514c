package io.crij.monitor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.io.NativeBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The framer against a slow one that is plainly right, with random text in random pieces. */
final class CriFramerModelTest {
  private static final Instant FIRST = Instant.parse("2026-12-31T23:59:58Z");
  private static final int LIMIT = CriFramer.MAX_CONTENT_BYTES;

  private final NativeBuffer in = NativeBuffer.allocate(1 << 18);
  private final FramedLines lines = new FramedLines(in, NativeBuffer.allocate(1 << 19));
  private final CriTimestamp timestamp = new CriTimestamp();
  private final byte[] time = new byte[CriTimestamp.BYTES];

  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 7, 8, 9, 100, 1023, 1024, 1025, 4000, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT})
  void framesAsTheModelDoes(int lineBytes) {
    Random random = new Random(lineBytes);
    for (int round = 0; round < 20; round++) {
      byte[] text = text(random, lineBytes, 1 + random.nextInt(100_000));
      check(random, text, lineBytes + " bytes a line, round " + round);
    }
  }

  private static byte[] text(Random random, int lineBytes, int bytes) {
    byte[] text = new byte[bytes];
    random.nextBytes(text);
    boolean isRandom = random.nextBoolean();
    int next = 0;
    for (int i = 0; i < bytes; i++) {
      if (i == next) {
        text[i] = '\n';
        next = i + (isRandom ? 1 + random.nextInt(2 * lineBytes) : lineBytes);
      } else if (text[i] == '\n') {
        text[i] = 'n';
      }
    }
    return text;
  }

  private void check(Random random, byte[] text, String what) {
    CriFramer framer = new CriFramer("stderr");
    ByteArrayOutputStream actual = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    int at = 0;
    int end = 0;
    for (int second = 0; at < text.length; second++) {
      end = Math.min(text.length, Math.max(end, at) + 1 + random.nextInt(3 * LIMIT));
      Tail tail =
          end == text.length ? Tail.FINAL : random.nextInt(4) == 0 ? Tail.PARTIAL : Tail.KEEP;
      in.bytes().put(0, text, at, end - at);
      framer.stamp(FIRST.plusSeconds(second));
      int taken = framer.frame(lines, end - at, tail);
      byte[] framed = new byte[lines.bytes()];
      lines.copyTo(ByteBuffer.wrap(framed));
      actual.writeBytes(framed);
      boolean isWhole = taken == end - at;
      model(text, at, at + taken, second, isWhole ? tail : Tail.KEEP, expected);
      at += taken;
    }
    assertThat(actual.toByteArray()).as(what).isEqualTo(expected.toByteArray());
  }

  /** One byte at a time. */
  private void model(
      byte[] text, int from, int to, int second, Tail tail, ByteArrayOutputStream into) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int i = from; i < to; i++) {
      if (text[i] == '\n') {
        line(second, 'F', line, into);
      } else {
        if (line.size() == LIMIT) {
          line(second, 'P', line, into);
        }
        line.write(text[i]);
      }
    }
    if (line.size() == LIMIT && tail == Tail.KEEP) {
      line(second, 'P', line, into);
    } else if (line.size() > 0) {
      line(second, tail == Tail.FINAL ? 'F' : 'P', line, into);
    }
  }

  private void line(int second, char tag, ByteArrayOutputStream line, ByteArrayOutputStream into) {
    timestamp.write(time, FIRST.getEpochSecond() + second, 0);
    into.writeBytes(time);
    into.writeBytes((" stderr " + tag + " ").getBytes(StandardCharsets.US_ASCII));
    into.writeBytes(line.toByteArray());
    into.write('\n');
    line.reset();
  }
}
