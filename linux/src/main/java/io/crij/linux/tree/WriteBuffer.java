package io.crij.linux.tree;

import com.sun.jna.Memory;
import io.crij.linux.Fd;

/** Native memory through which bytes of the heap are written to files, by one thread at a time. */
public final class WriteBuffer implements AutoCloseable {
  private static final int SIZE = 128 * 1024;

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

  @Override
  public void close() {
    memory.close();
  }
}
