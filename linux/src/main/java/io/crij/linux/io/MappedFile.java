package io.crij.linux.io;

import com.sun.jna.Pointer;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;

/**
 * A small file mapped into memory: what is stored here is in the file at once, even if the process
 * is killed by the next instruction. For numbers, at offsets that are multiples of 8.
 */
public final class MappedFile implements AutoCloseable {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;
  private static final long MAP_FAILED = -1;
  private static final int SPLICE_F_NONBLOCK = 2;
  private static final int OWNER_ONLY = 0600;

  private final Fd file;
  private final long address;
  private final Pointer memory;
  private final int bytes;
  private boolean closed;

  private MappedFile(Fd file, long address, int bytes) {
    this.file = file;
    this.address = address;
    this.memory = new Pointer(address);
    this.bytes = bytes;
  }

  /** Maps the file, made and filled with zeros where it is missing or shorter. */
  public static MappedFile open(String path, int bytes) {
    int flags = Fd.O_RDWR | Fd.O_CREAT | Fd.O_NOFOLLOW;
    Fd file = Fd.open(path, flags, OWNER_ONLY);
    try {
      if (Descriptors.size(file) < bytes) {
        Descriptors.truncate(file, bytes);
      }
      long address = IoLibrary.mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
      if (address == MAP_FAILED) {
        throw LinuxException.last("mmap", path);
      }
      return new MappedFile(file, address, bytes);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Moves up to {@code length} bytes from a pipe to this file, to where the number at {@code
   * positionAt} says. The kernel adds to that number what it has moved before the call returns:
   * nobody ever sees bytes moved and not counted, even if this process is killed meanwhile.
   *
   * @return 0 when the pipe is empty and has no writer, -1 when it is only empty
   */
  public int moveFrom(Fd pipe, int length, int positionAt) {
    long position = getLong(positionAt);
    if (position < 0 || length < 0 || position > bytes - length) {
      throw new IllegalStateException("position " + position + " + " + length + " of " + bytes);
    }
    long n =
        IoLibrary.splice(
            pipe.number(), 0, file.number(), address + positionAt, length, SPLICE_F_NONBLOCK);
    return n >= 0 ? (int) n : Descriptors.wouldBlock("splice", pipe);
  }

  public long getLong(int offset) {
    check(offset);
    return memory.getLong(offset);
  }

  public void putLong(int offset, long value) {
    check(offset);
    memory.setLong(offset, value);
  }

  private void check(int offset) {
    if (closed || offset < 0 || offset > bytes - Long.BYTES) {
      throw new IllegalStateException("offset " + offset + " of " + (closed ? 0 : bytes));
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      IoLibrary.munmap(address, bytes);
      file.close();
    }
  }
}
