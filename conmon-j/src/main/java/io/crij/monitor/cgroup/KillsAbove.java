package io.crij.monitor.cgroup;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Epoll;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Kills for want of memory as version 2 counts them in the cgroup above too (cgroup-v2.rst,
 * "memory.events": hierarchical). That one outlives a container's, which systemd removes as soon as
 * it is empty: what has been added there since the container's own counter was last read is the
 * container's, for each change there has it read.
 */
final class KillsAbove implements AutoCloseable {
  private final Path file;
  private long settled;
  private @Nullable Fd fd;
  private @Nullable Watch watch;

  private KillsAbove(Path file) {
    this.file = file;
  }

  /**
   * @param own {@code memory.events} of the container's cgroup
   * @return null where the one above does not count
   */
  static @Nullable KillsAbove find(Path own) {
    Path group = own.getParent();
    Path above = group == null ? null : group.resolveSibling(own.getFileName());
    return above != null && Files.exists(above) ? new KillsAbove(above) : null;
  }

  /** Has somebody look whenever something is counted. */
  void watch(EventLoop loop, Runnable look) {
    Fd opened = Fd.open(file.toString(), Fd.O_RDONLY, 0);
    fd = opened;
    try {
      watch =
          loop.watch(
              opened,
              Epoll.PRI | Epoll.EDGE,
              _ -> {
                OomWatch.rearm(opened);
                look.run();
              });
    } catch (LinuxException e) {
      close();
      throw e;
    }
  }

  /** How many there were; to be read before the container's own counter. */
  long count() {
    try {
      return OomWatch.kills(file);
    } catch (IOException _) {
      // It went with its pod: nothing more is counted there.
      return settled;
    }
  }

  /** The container's own counter has been read since there were so many. */
  void settle(long count) {
    settled = count;
  }

  /** Whether there were others since then. */
  boolean grew() {
    return count() > settled;
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
    if (fd != null) {
      fd.close();
      fd = null;
    }
  }
}
