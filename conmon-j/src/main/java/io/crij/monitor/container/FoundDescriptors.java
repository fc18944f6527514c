package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.FileStatus;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.FdKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What can be opened of a running container though nobody has kept it. */
final class FoundDescriptors {
  private FoundDescriptors() {}

  /** A pidfd, and the reading ends of its pipes through the writing ends that it has itself. */
  static HeldDescriptors of(ContainerRecord record) {
    HeldDescriptors found = new HeldDescriptors();
    ProcessId id = new ProcessId(record.getPid(), record.getStartTimeTicks());
    Pidfd pidfd = Pidfd.open(id);
    if (pidfd == null) {
      return found;
    }
    if (record.getPidfdInode() != 0 && pidfd.inode() != record.getPidfdInode()) {
      pidfd.close();
      return found;
    }
    found.put(FdKind.FD_KIND_PIDFD, pidfd.fd());
    if (!record.getConfig().getTty()) {
      find(found, FdKind.FD_KIND_STDOUT, id.pid(), 1, record.getStdoutInode());
      find(found, FdKind.FD_KIND_STDERR, id.pid(), 2, record.getStderrInode());
    }
    return found;
  }

  private static void find(
      HeldDescriptors found, FdKind kind, int pid, int number, long pipeInode) {
    Fd fd = open("/proc/" + pid + "/fd/" + number, pipeInode);
    if (fd != null) {
      found.put(kind, fd);
    }
  }

  private static @Nullable Fd open(String path, long pipeInode) {
    try {
      // The container may have anything else there, which must not even be opened.
      Path target = Files.readSymbolicLink(Path.of(path));
      if (!target.toString().equals("pipe:[" + pipeInode + "]")) {
        return null;
      }
      Fd fd = Fd.open(path, Fd.O_RDONLY | Fd.O_NONBLOCK, 0);
      if (FileStatus.of(fd).inode() == pipeInode) {
        return fd;
      }
      fd.close();
      return null;
    } catch (IOException | LinuxException _) {
      // It has ended, or closed the stream.
      return null;
    }
  }
}
