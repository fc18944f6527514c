package io.crij.image.erofs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory all trees together may take. What is counted is an estimate of their objects; the
 * bytes of names, links and attributes are exact. Used by several threads at once.
 */
public final class TreeMemory {
  /** An inode, its place in a folder and its name, without its bytes. */
  private static final int ENTRY_BYTES = 176;

  private static final int XATTR_BYTES = 120;
  private static final int EXTENT_BYTES = 32;

  private final long mostBytes;
  private final AtomicLong taken = new AtomicLong();

  public TreeMemory(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** The share of one tree, given back when it is closed. Used by one thread at a time. */
  final class Share implements AutoCloseable {
    private long bytes;

    void entry(int nameBytes) {
      take(ENTRY_BYTES + nameBytes);
    }

    void link(int targetBytes) {
      take(targetBytes);
    }

    void xattr(int nameBytes, int valueBytes) {
      take(XATTR_BYTES + nameBytes + valueBytes);
    }

    void extents(int count) {
      take((long) EXTENT_BYTES * count);
    }

    private void take(long more) {
      bytes += more;
      if (taken.addAndGet(more) > mostBytes) {
        throw new ExceededException(mostBytes);
      }
    }

    @Override
    public void close() {
      taken.addAndGet(-bytes);
      bytes = 0;
    }
  }

  /** A layer has more files than are held in memory; it can still be unpacked to a directory. */
  public static final class ExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private ExceededException(long mostBytes) {
      super(
          "the files of all layers being made take more than "
              + mostBytes
              + " bytes of memory to describe");
    }
  }
}
