package io.crij.image.skeleton;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** What is written down of an archive, compressed; {@link RebuiltArchive} reads it. */
public final class ArchiveRecord implements AutoCloseable {
  static final int BYTES = 1;
  static final int FILE = 2;
  static final int END = 3;

  static final int BUFFER_BYTES = 1 << 15;

  private final DataOutputStream record;
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);

  private ArchiveRecord(OutputStream out) {
    record =
        new DataOutputStream(
            new BufferedOutputStream(new DeflaterOutputStream(out, deflater), BUFFER_BYTES));
  }

  /** Writes to a stream that {@link #end} closes. */
  public static ArchiveRecord to(OutputStream out) {
    return new ArchiveRecord(out);
  }

  /** The next bytes of the archive are these. */
  public void bytes(byte[] bytes, int count) throws IOException {
    if (count > 0) {
      record.writeByte(BYTES);
      record.writeInt(count);
      record.write(bytes, 0, count);
    }
  }

  /** The next bytes of the archive are those of a file. */
  void file(byte[] path, long sizeBytes) throws IOException {
    record.writeByte(FILE);
    record.writeShort(path.length);
    record.write(path);
    record.writeLong(sizeBytes);
  }

  /** That was all. */
  public void end() throws IOException {
    record.writeByte(END);
    record.close();
  }

  /** Ends the deflater; what is not ended is no record. */
  @Override
  public void close() {
    deflater.end();
  }
}
