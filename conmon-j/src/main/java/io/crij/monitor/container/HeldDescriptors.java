package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.linux.io.FileStatus;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.FdKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Descriptors of one container that somebody has, at most one of a kind; owned. */
public final class HeldDescriptors implements AutoCloseable {
  private final Map<FdKind, Fd> held = new EnumMap<>(FdKind.class);

  /** Those that came with a message. A second of a kind is closed. */
  public static HeldDescriptors of(List<FdKind> kinds, List<Fd> descriptors) {
    HeldDescriptors held = new HeldDescriptors();
    for (int i = 0; i < descriptors.size(); i++) {
      if (i < kinds.size()) {
        held.put(kinds.get(i), descriptors.get(i));
      } else {
        descriptors.get(i).close();
      }
    }
    return held;
  }

  void put(FdKind kind, Fd fd) {
    if (held.putIfAbsent(kind, fd) != null) {
      fd.close();
    }
  }

  /** Hands one over; null if it is not there. */
  public @Nullable Fd take(FdKind kind) {
    return held.remove(kind);
  }

  /** Hands over those that are what a container's record says, as far as it says it. */
  void giveThoseOf(ContainerRecord record, HeldDescriptors to) {
    for (FdKind kind : List.copyOf(held.keySet())) {
      long expected =
          switch (kind) {
            case FD_KIND_PIDFD -> record.getPidfdInode();
            case FD_KIND_STDOUT -> record.getStdoutInode();
            case FD_KIND_STDERR -> record.getStderrInode();
            case FD_KIND_STDIN, FD_KIND_TTY, FD_KIND_UNSPECIFIED, UNRECOGNIZED -> 0;
          };
      Fd fd = held.get(kind);
      if (fd != null && (expected == 0 || FileStatus.of(fd).inode() == expected)) {
        held.remove(kind);
        to.put(kind, fd);
      }
    }
  }

  /** Closes what was not taken. */
  @Override
  public void close() {
    held.values().forEach(Fd::close);
    held.clear();
  }
}
