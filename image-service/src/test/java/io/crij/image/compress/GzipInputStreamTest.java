package io.crij.image.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.unpack.TestLayers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

final class GzipInputStreamTest {
  private static final byte[] TEXT =
      "some text ".repeat(20_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);

  @Test
  void inflatesMembersHoweverTheyArrive() throws IOException {
    ByteArrayOutputStream blob = new ByteArrayOutputStream();
    blob.writeBytes(TestLayers.gzip(TEXT));
    blob.writeBytes(TestLayers.gzip(new byte[0]));
    blob.writeBytes(TestLayers.gzip(TEXT));
    byte[] twice = Arrays.copyOf(TEXT, 2 * TEXT.length);
    System.arraycopy(TEXT, 0, twice, TEXT.length, TEXT.length);
    for (int most : new int[] {1, 7, 4096, 1 << 20}) {
      for (RawInflater inflater : inflaters()) {
        try (InputStream in =
            new GzipInputStream(new Trickle(blob.toByteArray(), most), inflater)) {
          assertThat(in.readAllBytes()).isEqualTo(twice);
        }
      }
    }
  }

  @Test
  void readsHeadersWithAllTheirFields() throws IOException {
    byte[] plain = TestLayers.gzip(TEXT);
    ByteArrayOutputStream blob = new ByteArrayOutputStream();
    blob.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 0});
    blob.writeBytes(new byte[] {3, 0, 'x', 'y', 'z'});
    blob.writeBytes(new byte[] {'n', 'a', 'm', 'e', 0, 'c', 0, 1, 2});
    blob.write(plain, 10, plain.length - 10);
    for (RawInflater inflater : inflaters()) {
      assertThat(inflate(blob.toByteArray(), inflater)).isEqualTo(TEXT);
    }
  }

  @Test
  void everyCutAndMostFlipsAreNoticed() {
    byte[] whole = TestLayers.gzip(TEXT);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertRefused(cut);
    }
    Random random = new Random(1);
    for (int round = 0; round < 500; round++) {
      byte[] flipped = whole.clone();
      // From the deflated bytes on: the header's time and system say nothing.
      flipped[10 + random.nextInt(whole.length - 10)] ^= (byte) (1 << random.nextInt(8));
      assertRefused(flipped);
    }
  }

  private static void assertRefused(byte[] blob) {
    for (RawInflater inflater : inflaters()) {
      assertThatThrownBy(() -> inflate(blob, inflater))
          .isInstanceOf(ImageException.FailedPrecondition.class);
    }
  }

  /** The JDK's, and the node's where it has one. */
  private static List<RawInflater> inflaters() {
    return List.of(new RawInflater.OfJdk(new Inflater(true)), RawInflater.open());
  }

  private static byte[] inflate(byte[] blob, RawInflater inflater) throws IOException {
    try (InputStream in = new GzipInputStream(new ByteArrayInputStream(blob), inflater)) {
      return in.readAllBytes();
    }
  }

  /** Gives at most so many bytes at a time, and never says that there are more. */
  private static final class Trickle extends ByteArrayInputStream {
    private final int most;

    Trickle(byte[] bytes, int most) {
      super(bytes);
      this.most = most;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      return super.read(buffer, offset, Math.min(length, most));
    }

    @Override
    public int available() {
      return 0;
    }
  }
}
