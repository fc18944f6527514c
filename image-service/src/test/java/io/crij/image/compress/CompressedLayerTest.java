package io.crij.image.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.unpack.TestLayers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CompressedLayerTest {
  private static final byte[] ARCHIVE =
      "an archive ".repeat(50_000).getBytes(StandardCharsets.UTF_8);
  private static final byte[] NOISE = new byte[100_000];

  static {
    new Random(1).nextBytes(NOISE);
  }

  @Test
  void theFirstBytesSayHowItIsCompressed() throws IOException {
    byte[] skippable = {0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'm', 'e'};
    for (byte[] blob :
        new byte[][] {
          ARCHIVE,
          TestLayers.gzip(ARCHIVE),
          Zstd.compress(ARCHIVE),
          concat(skippable, Zstd.compress(ARCHIVE)),
          concat(
              Zstd.compress(Arrays.copyOf(ARCHIVE, 1000)),
              Zstd.compress(Arrays.copyOfRange(ARCHIVE, 1000, ARCHIVE.length)),
              skippable)
        }) {
      assertThat(read(descriptor(blob), new Blob(blob))).isEqualTo(ARCHIVE);
    }
    assertThat(read(descriptor(new byte[0]), new Blob(new byte[0]))).isEmpty();
    assertThat(read(descriptor(new byte[] {1}), new Blob(new byte[] {1}))).hasSize(1);
  }

  @Test
  void otherBytesThanTheDescriptorsAreToldOf() {
    for (byte[] right :
        new byte[][] {NOISE, TestLayers.gzip(NOISE), Zstd.compress(NOISE), new byte[100]}) {
      byte[] flipped = right.clone();
      flipped[right.length / 2] ^= 4;
      byte[] longer = Arrays.copyOf(right, right.length + 1);
      byte[] shorter = Arrays.copyOf(right, right.length - 1);
      for (byte[] wrong : new byte[][] {flipped, longer, shorter, new byte[0]}) {
        Blob blob = new Blob(wrong);
        assertThatThrownBy(() -> read(descriptor(right), blob))
            .isInstanceOf(ImageException.FailedPrecondition.class)
            .hasMessageMatching("layer (sha256:.* came as sha256:.*|is longer than .*)");
        assertThat(blob.wrong).isTrue();
      }
    }
  }

  @Test
  void aLayerThatIsDamagedAtItsSourceIsNotTheHostsFault() {
    byte[] gzip = TestLayers.gzip(NOISE);
    gzip[gzip.length / 2] ^= 4;
    byte[] zstd = Zstd.compress(NOISE);
    byte[] cut = Arrays.copyOf(zstd, zstd.length - 10);
    byte[] endless = {0x50, 0x2a, 0x4d, 0x18, -1, -1, -1, -1, 'm', 'e'};
    for (byte[] damaged :
        new byte[][] {
          gzip, cut, concat(TestLayers.gzip(NOISE), NOISE), concat(Zstd.compress(NOISE), endless)
        }) {
      Blob blob = new Blob(damaged);
      assertThatThrownBy(() -> read(descriptor(damaged), blob))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("damaged");
      assertThat(blob.wrong).isFalse();
    }
  }

  @Test
  void aWindowOfMoreMemoryThanZstdTakesUnaskedIsRefused() throws IOException {
    // RFC 8878: magic number, no flags, the window's exponent, one raw block of one byte.
    for (int exponent : new int[] {20, 27, 28, 31}) {
      byte window = (byte) ((exponent - 10) << 3);
      byte[] blob = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, window, 1 | 1 << 3, 0, 0, 'x'};
      if (exponent <= 27) {
        assertThat(read(descriptor(blob), new Blob(blob))).containsExactly('x');
      } else {
        assertThatThrownBy(() -> read(descriptor(blob), new Blob(blob)))
            .isInstanceOf(ImageException.FailedPrecondition.class)
            .hasMessageContaining("damaged zstd stream");
      }
    }
  }

  private static Descriptor descriptor(byte[] blob) {
    return new Descriptor(MediaType.OCI_LAYER, Digest.sha256(blob), blob.length);
  }

  private static byte[] read(Descriptor descriptor, Blob blob) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[10_000];
    try (CompressedLayer layer = new CompressedLayer(descriptor, blob)) {
      for (int n = layer.read(buffer); n >= 0; n = layer.read(buffer)) {
        out.write(buffer, 0, n);
      }
      layer.verify();
    }
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static final class Blob implements LayerBlob {
    private final byte[] bytes;
    private boolean wrong;

    Blob(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public void wasWrong() {
      wrong = true;
    }
  }
}
