package io.crij.linux.process;

import io.crij.linux.Fd;

/** What a process gets as its descriptors 0, 1 and 2; the caller goes on owning them. */
public record Stdio(Fd in, Fd out, Fd err) {
  private static final int FIRST_FREE = 3;

  public Stdio {
    // Below 3 one dup2 could overwrite what the next one copies.
    for (Fd fd : new Fd[] {in, out, err}) {
      if (fd.number() < FIRST_FREE) {
        throw new IllegalArgumentException("one of our own standard streams: " + fd);
      }
    }
  }

  /** The same descriptor, such as {@code /dev/null} opened for both, for all three. */
  public static Stdio all(Fd fd) {
    return new Stdio(fd, fd, fd);
  }
}
