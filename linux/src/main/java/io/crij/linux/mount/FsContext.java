package io.crij.linux.mount;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file system being configured (fsopen(2)); errors carry what the kernel wrote to its log. */
final class FsContext implements AutoCloseable {
  /** Of the value of an option. */
  static final int MAX_VALUE_BYTES = 255;

  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int SET_FLAG = 0;
  private static final int SET_STRING = 1;
  private static final int CREATE = 6;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MAX_LOG_LINES = 16;

  private final String type;
  private final Fd fd;

  private FsContext(String type, Fd fd) {
    this.type = type;
    this.fd = fd;
  }

  static FsContext open(String type) {
    long n = MountLibc.syscall(Syscall.FSOPEN, type, FSOPEN_CLOEXEC);
    if (n < 0) {
      throw LinuxException.last("fsopen", type);
    }
    return new FsContext(type, Fd.owning((int) n));
  }

  /** The value has at most {@link #MAX_VALUE_BYTES}. */
  void set(String key, String value) {
    configure(SET_STRING, key, value);
  }

  void setFlag(String key) {
    configure(SET_FLAG, key, null);
  }

  /** Gives every file a label of SELinux; empty: files have their own. */
  void setLabel(String label) {
    if (!label.isEmpty()) {
      set("context", label);
    }
  }

  void mount(Path target, Set<MountFlag> flags) {
    try (Fd mount = create(flags)) {
      attach(mount, target);
    }
  }

  /** A mount that is nowhere yet. */
  Fd create(Set<MountFlag> flags) {
    configure(CREATE, null, null);
    long n =
        MountLibc.syscall(
            Syscall.FSMOUNT, fd.number(), FSMOUNT_CLOEXEC, MountFlag.attributes(flags));
    if (n < 0) {
      throw failure("fsmount", type);
    }
    return Fd.owning((int) n);
  }

  static void attach(Fd mount, Path target) {
    long result =
        MountLibc.syscall(
            Syscall.MOVE_MOUNT,
            mount.number(),
            "",
            Mounts.AT_FDCWD,
            target.toString(),
            MOVE_MOUNT_F_EMPTY_PATH);
    if (result < 0) {
      throw LinuxException.last("move_mount", target.toString());
    }
  }

  private void configure(int command, @Nullable String key, @Nullable String value) {
    if (MountLibc.syscall(Syscall.FSCONFIG, fd.number(), command, key, value, 0) < 0) {
      String what = key == null ? "create" : value == null ? key : key + "=" + value;
      throw failure("fsconfig", what);
    }
  }

  private LinuxException failure(String call, String what) {
    int errno = Native.getLastError();
    StringBuilder subject = new StringBuilder(type).append(' ').append(what);
    byte[] line = new byte[512];
    for (int i = 0; i < MAX_LOG_LINES; i++) {
      long n = MountLibc.read(fd.number(), line, line.length);
      if (n <= 0) {
        break;
      }
      subject
          .append(" [")
          .append(new String(line, 0, (int) n, StandardCharsets.UTF_8).strip())
          .append(']');
    }
    return new LinuxException(call, subject.toString(), errno == 0 ? Errno.EIO : errno);
  }

  @Override
  public void close() {
    fd.close();
  }
}
