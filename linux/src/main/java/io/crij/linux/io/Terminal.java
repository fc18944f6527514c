package io.crij.linux.io;

import com.sun.jna.Memory;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;

/** Terminals (pty(7)), by their master. */
public final class Terminal {
  private static final long TIOCSWINSZ = 0x5414;
  private static final int MAX = 0xffff;

  private Terminal() {}

  /**
   * Sets the size, in characters; what is in the foreground on it gets SIGWINCH if that changes it.
   *
   * @throws IllegalArgumentException for a number that is negative or above 65535
   */
  public static void resize(Fd master, int rows, int columns) {
    if (rows < 0 || columns < 0 || rows > MAX || columns > MAX) {
      throw new IllegalArgumentException("not a terminal's size: " + rows + " x " + columns);
    }
    try (Memory size = new Memory(4L * Short.BYTES)) {
      size.clear();
      size.setShort(0, (short) rows);
      size.setShort(Short.BYTES, (short) columns);
      if (IoLibrary.ioctl(master.number(), TIOCSWINSZ, size) != 0) {
        throw LinuxException.last("TIOCSWINSZ", master.toString());
      }
    }
  }
}
