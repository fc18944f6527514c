package io.crij.image.export;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Files in a tar archive (POSIX ustar), all of them root's and of no time. */
final class TarSink implements FileSink {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES = 100;
  private static final long LARGEST_OCTAL = 1L << 33;

  private final FileOutputStream file;
  private final OutputStream out;
  private final Set<String> written = new HashSet<>();

  TarSink(Path path) throws IOException {
    this.file = new FileOutputStream(path.toFile());
    this.out = new BufferedOutputStream(file, 1 << 16);
  }

  @Override
  public void file(String path, long sizeBytes, InputStream content) throws IOException {
    if (!written.add(path)) {
      return;
    }
    out.write(header(path, sizeBytes));
    long copied = content.transferTo(out);
    if (copied != sizeBytes) {
      throw new IOException(path + " has " + copied + " bytes instead of " + sizeBytes);
    }
    out.write(new byte[(int) (-sizeBytes & (BLOCK - 1))]);
  }

  private static byte[] header(String path, long sizeBytes) {
    byte[] header = new byte[BLOCK];
    byte[] name = path.getBytes(StandardCharsets.US_ASCII);
    if (name.length > NAME_BYTES) {
      throw new IllegalArgumentException("too long for a tar archive: " + path);
    }
    System.arraycopy(name, 0, header, 0, name.length);
    put(header, 100, "0000644");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    putSize(header, sizeBytes);
    put(header, 136, "00000000000");
    header[156] = '0';
    put(header, 257, "ustar");
    put(header, 263, "00");
    put(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    return header;
  }

  /** In octal, or where that ends in base 256, as GNU tar and all readers of today do. */
  private static void putSize(byte[] header, long sizeBytes) {
    if (sizeBytes < LARGEST_OCTAL) {
      put(header, 124, String.format(Locale.ROOT, "%011o", sizeBytes));
      return;
    }
    header[124] = (byte) 0x80;
    for (int i = 0; i < Long.BYTES; i++) {
      header[135 - i] = (byte) (sizeBytes >>> (8 * i));
    }
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  @Override
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
    file.getFD().sync();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
