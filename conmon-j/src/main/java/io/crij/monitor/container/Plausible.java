package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.FileStatus;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FdKind;
import java.util.regex.Pattern;

/**
 * What others say of a container, looked at before it is believed: a file on disk may be cut or of
 * another version, and descriptors may be those of another container.
 */
final class Plausible {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private Plausible() {}

  /**
   * Whether a container can be taken over by a record.
   *
   * @throws IllegalArgumentException what is wrong with it
   */
  static void check(ContainerRecord record) {
    CreateRequest config = record.getConfig();
    if (!ID.matcher(config.getContainerId()).matches()) {
      throw new IllegalArgumentException("not a container id: " + config.getContainerId());
    }
    if (!isAbsolute(config.getBundle())
        || !(config.getLog().getPath().isEmpty() || isAbsolute(config.getLog().getPath()))
        || record.getPid() <= 0) {
      throw new IllegalArgumentException("not the record of container " + config.getContainerId());
    }
  }

  private static boolean isAbsolute(String path) {
    return path.startsWith("/") && path.indexOf('\0') < 0;
  }

  /** Those of the descriptors that are what they are said to be; the others are closed. */
  static HeldDescriptors of(ContainerRecord record, HeldDescriptors given) {
    HeldDescriptors sure = new HeldDescriptors();
    for (FdKind kind : FdKind.values()) {
      Fd fd = given.take(kind);
      if (fd == null) {
        continue;
      }
      if (isOf(record, kind, fd)) {
        sure.put(kind, fd);
      } else {
        StderrLog.info(
            "container " + record.getConfig().getContainerId() + ": what is given is no " + kind);
        fd.close();
      }
    }
    return sure;
  }

  private static boolean isOf(ContainerRecord record, FdKind kind, Fd fd) {
    FileStatus status;
    try {
      status = FileStatus.of(fd);
    } catch (LinuxException _) {
      return false;
    }
    return switch (kind) {
      case FD_KIND_PIDFD -> record.getPidfdInode() == 0 || status.inode() == record.getPidfdInode();
      case FD_KIND_STDOUT -> status.isPipe() && status.inode() == record.getStdoutInode();
      case FD_KIND_STDERR -> status.isPipe() && status.inode() == record.getStderrInode();
      case FD_KIND_STDIN -> record.getConfig().getStdin() && status.isPipe();
      case FD_KIND_TTY -> record.getConfig().getTty() && status.isCharacterDevice();
      case FD_KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }
}
