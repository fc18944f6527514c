package io.crij.linux.tree;

import com.sun.jna.Memory;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;

/** Native memory through which bytes of the heap are written to files, by one thread at a time. */
public final class WriteBuffer implements AutoCloseable {
  private static final int SIZE = 128 * 1024;
  private static final int SEEK_SET = 0;

  private final Memory memory = new Memory(SIZE);

  /** Writes all of {@code count} bytes at the file's position. */
  public void write(Fd file, byte[] bytes, int offset, int count) {
    int done = 0;
    while (done < count) {
      int part = Math.min(SIZE, count - done);
      memory.write(0, bytes, offset + done, part);
      done += file.write(memory, part);
    }
  }

  /** The next write goes there; what is skipped is a hole. */
  public void seek(Fd file, long position) {
    if (TreeLibc.lseek(file.number(), position, SEEK_SET) < 0) {
      throw LinuxException.last("lseek", file.toString());
    }
  }

  /** Makes the file that long; what is added is a hole. */
  public void truncate(Fd file, long sizeBytes) {
    if (TreeLibc.ftruncate(file.number(), sizeBytes) != 0) {
      throw LinuxException.last("ftruncate", file.toString());
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
