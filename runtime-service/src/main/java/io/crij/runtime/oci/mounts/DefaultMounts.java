package io.crij.runtime.oci.mounts;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.runtime.settings.MountSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What every container has (runtime-spec, config-linux.md, "Default Filesystems"; CRI). */
final class DefaultMounts {
  private DefaultMounts() {}

  static List<SpecMount> of(
      PodFiles files,
      LinuxContainerSecurityContext security,
      MountSettings settings,
      String cgroupAccess) {
    String system = security.getPrivileged() ? "rw" : "ro";
    String etc = security.getReadonlyRootfs() || settings.readOnly() ? "ro" : "rw";
    List<SpecMount> mounts = new ArrayList<>();
    mounts.add(pseudo("/proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(
        pseudo("/dev", "tmpfs", "nosuid", "noexec", "strictatime", "mode=755", "size=65536k"));
    mounts.add(
        pseudo(
            "/dev/pts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"));
    mounts.add(pseudo("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"));
    mounts.add(pseudo("/sys", "sysfs", "nosuid", "noexec", "nodev", system));
    mounts.add(
        pseudo("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", cgroupAccess));
    mounts.add(shm(files));
    mounts.add(file("/etc/hosts", files.hosts(), etc));
    mounts.add(file("/etc/hostname", files.hostname(), etc));
    mounts.add(file("/etc/resolv.conf", files.resolvConf(), etc));
    if (settings.readOnly()) {
      mounts.add(memory("/run", "mode=0755"));
      mounts.add(memory("/tmp", "mode=1777"));
      mounts.add(memory("/var/tmp", "mode=1777"));
    }
    Path timezone = settings.timezone();
    if (timezone != null) {
      mounts.add(file("/etc/localtime", timezone, "ro"));
    }
    return mounts;
  }

  /** Filled with what the image has there, by both OCI runtimes. */
  private static SpecMount memory(String destination, String mode) {
    return pseudo(destination, "tmpfs", "rw", "nosuid", "noexec", "nodev", "tmpcopyup", mode);
  }

  private static SpecMount shm(PodFiles files) {
    Path shm = files.shm();
    return shm == null
        ? pseudo("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k")
        : SpecMount.bind(
            "/dev/shm", shm.toString(), "rbind", "rprivate", "nosuid", "noexec", "nodev");
  }

  private static SpecMount pseudo(String destination, String type, String... options) {
    return new SpecMount(destination, type, type, List.of(options));
  }

  private static SpecMount file(String destination, Path source, String access) {
    return SpecMount.bind(
        destination, source.toString(), "rbind", "rprivate", "nosuid", "noexec", "nodev", access);
  }
}
