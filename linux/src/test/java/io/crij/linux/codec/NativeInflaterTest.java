package io.crij.linux.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NativeInflaterTest {
  private final Random random = new Random(1);

  @BeforeEach
  void needIt() {
    assertThat(NativeInflater.isAvailable()).as("Debian: libisal2").isTrue();
  }

  @Test
  void inflatesWhateverTheSizesOfThePieces() throws DataFormatException {
    try (NativeInflater inflater = NativeInflater.create()) {
      for (int round = 0; round < 60; round++) {
        byte[] text = text(random.nextInt(200_000));
        byte[] packed = deflate(text, round % 10);
        byte[] out = new byte[text.length + 1];
        int read = 0;
        int position = 0;
        while (!inflater.finished()) {
          int n =
              inflater.inflate(out, read, Math.min(out.length - read, 1 + random.nextInt(9000)));
          read += n;
          if (n == 0 && !inflater.finished()) {
            assertThat(position).isLessThan(packed.length);
            int count = Math.min(packed.length - position, 1 + random.nextInt(5000));
            inflater.setInput(packed, position, count);
            position += count;
          }
        }
        assertThat(Arrays.copyOf(out, read)).isEqualTo(text);
        assertThat(position - inflater.remaining()).isEqualTo(packed.length - 2);
        inflater.reset();
      }
    }
  }

  @Test
  void refusesWhatIsMalformed() {
    try (NativeInflater inflater = NativeInflater.create()) {
      inflater.setInput(new byte[] {7, 7, 7, 7}, 0, 4);
      assertThatThrownBy(() -> inflater.inflate(new byte[100], 0, 100))
          .isInstanceOf(DataFormatException.class);
    }
  }

  /** Half of it repeats what came shortly before. */
  private byte[] text(int length) {
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] =
          i > 100 && random.nextBoolean()
              ? text[i - 1 - random.nextInt(100)]
              : (byte) random.nextInt();
    }
    return text;
  }

  /** With two bytes behind it. */
  private static byte[] deflate(byte[] text, int level) {
    byte[] packed = new byte[text.length + 1000];
    try (Deflater deflater = new Deflater(level, true)) {
      deflater.setInput(text);
      deflater.finish();
      return Arrays.copyOf(packed, deflater.deflate(packed) + 2);
    }
  }
}
