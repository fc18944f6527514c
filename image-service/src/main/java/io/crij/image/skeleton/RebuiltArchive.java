package io.crij.image.skeleton;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Tree;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An archive put together again from its record and the files it was unpacked to. Whoever reads it
 * compares the digest: nothing else says that the files are what they were.
 */
public final class RebuiltArchive extends InputStream {
  private static final int BUFFER_BYTES = 1 << 15;

  private final DataInputStream record;
  private final Tree files;
  private @Nullable InputStream file;
  private long left;
  private boolean ended;

  /**
   * @param record as {@link ArchiveRecord} wrote it; closed with this
   * @param files the unpacked layer; closed with this
   */
  public RebuiltArchive(InputStream record, Tree files) {
    this.record =
        new DataInputStream(new BufferedInputStream(new InflaterInputStream(record), BUFFER_BYTES));
    this.files = files;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (left == 0) {
      if (!next()) {
        return -1;
      }
    }
    int most = (int) Math.min(length, left);
    InputStream source = file == null ? record : file;
    int n = source.read(target, offset, most);
    if (n < 0) {
      throw new EOFException("a file of the layer is shorter than it was");
    }
    left -= n;
    return n;
  }

  private boolean next() throws IOException {
    closeFile();
    if (ended) {
      return false;
    }
    int kind = record.readUnsignedByte();
    switch (kind) {
      case ArchiveRecord.BYTES -> left = record.readInt();
      case ArchiveRecord.FILE -> {
        byte[] name = new byte[record.readUnsignedShort()];
        record.readFully(name);
        left = record.readLong();
        file = open(BytePath.of(name));
      }
      case ArchiveRecord.END -> ended = true;
      default -> throw new IOException("the layer's record is damaged");
    }
    return !ended;
  }

  private InputStream open(BytePath path) throws IOException {
    try (Directory parent = path.parent().isRoot() ? null : files.directory(path.parent());
        Fd fd = (parent == null ? files.root() : parent).openFile(path.name())) {
      return new FileInputStream(fd.procPath());
    } catch (LinuxException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    }
  }

  private void closeFile() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  @Override
  public void close() throws IOException {
    try (files;
        record) {
      closeFile();
    }
  }
}
