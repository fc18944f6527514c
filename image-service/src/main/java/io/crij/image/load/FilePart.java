package io.crij.image.load;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Some bytes of a file. */
final class FilePart extends InputStream {
  private final FileInputStream file;
  private final long from;
  private final long to;
  private long position = -1;

  FilePart(FileInputStream file, long from, long to) {
    this.file = file;
    this.from = from;
    this.to = to;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    if (position < 0) {
      file.getChannel().position(from);
      position = from;
    }
    if (count == 0 || position == to) {
      return count == 0 ? 0 : -1;
    }
    int n = file.read(target, offset, (int) Math.min(count, to - position));
    position += Math.max(n, 0);
    return n;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
