package io.crij.image.compress;

import com.github.luben.zstd.Zstd;
import io.crij.image.tar.TestTar;
import io.crij.image.unpack.TestLayers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A layer whose files can be found and fetched one by one, for clients that do: compressed in
 * parts, with a table of contents behind them.
 */
public final class SeekableLayer {
  private static final int SKIPPABLE_FRAME = 0x184d2a50;
  private static final byte[] GZIP_WITH_EXTRA = {
    0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 255
  };
  private static final byte[] EMPTY_DEFLATE = {1, 0, 0, (byte) 255, (byte) 255};
  private static final byte[] EMPTY_GZIP_TRAILER = new byte[8];
  private static final byte[] TABLE =
      "{\"version\":1,\"entries\":[]}".getBytes(StandardCharsets.UTF_8);

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private final ByteArrayOutputStream blob = new ByteArrayOutputStream();

  private SeekableLayer() {}

  /** What comes of it when it is decompressed from end to end. */
  public byte[] archive() {
    return archive.toByteArray();
  }

  public byte[] blob() {
    return blob.toByteArray();
  }

  /**
   * eStargz: members of gzip, of which the first holds a landmark, that before the last the table,
   * both entries of the archive, and the last nothing but where the table begins.
   *
   * @param parts pieces of an archive, without its end
   */
  public static SeekableLayer estargz(List<byte[]> parts) {
    SeekableLayer layer = new SeekableLayer();
    layer.add(new TestTar().file(".no.prefetch.landmark", "\u000f").unfinished(), TestLayers::gzip);
    parts.forEach(part -> layer.add(part, TestLayers::gzip));
    int table = layer.blob.size();
    layer.add(
        new TestTar().file("stargz.index.json", new String(TABLE, StandardCharsets.UTF_8)).build(),
        TestLayers::gzip);
    byte[] offset = "%016xSTARGZ".formatted(table).getBytes(StandardCharsets.US_ASCII);
    layer.blob.writeBytes(GZIP_WITH_EXTRA);
    layer.blob.writeBytes(
        littleEndian(6)
            .putShort((short) (4 + offset.length))
            .put((byte) 'S')
            .put((byte) 'G')
            .putShort((short) offset.length)
            .array());
    layer.blob.writeBytes(offset);
    layer.blob.writeBytes(EMPTY_DEFLATE);
    layer.blob.writeBytes(EMPTY_GZIP_TRAILER);
    return layer;
  }

  /**
   * zstd:chunked: frames of zstd, and three behind them that others skip: the table, the headers of
   * the archive, and where both begin.
   *
   * @param parts pieces of an archive, its end among them
   */
  public static SeekableLayer zstdChunked(List<byte[]> parts) {
    SeekableLayer layer = new SeekableLayer();
    parts.forEach(part -> layer.add(part, Zstd::compress));
    byte[] table = Zstd.compress(TABLE);
    long[] place = new long[7];
    place[0] = layer.blob.size() + 8L;
    place[1] = table.length;
    place[2] = TABLE.length;
    place[3] = 1; // the table's kind
    layer.blob.writeBytes(skipped(table));
    place[4] = layer.blob.size() + 8L;
    place[5] = table.length;
    place[6] = TABLE.length;
    layer.blob.writeBytes(skipped(table));
    ByteBuffer footer = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (long number : place) {
      footer.putLong(number);
    }
    footer.put("GNUlInUx".getBytes(StandardCharsets.US_ASCII));
    layer.blob.writeBytes(skipped(footer.array()));
    return layer;
  }

  private static byte[] skipped(byte[] content) {
    return littleEndian(8 + content.length)
        .putInt(SKIPPABLE_FRAME)
        .putInt(content.length)
        .put(content)
        .array();
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private interface Compression {
    byte[] compress(byte[] part);
  }

  private void add(byte[] part, Compression compression) {
    archive.writeBytes(part);
    blob.writeBytes(compression.compress(part));
  }
}
