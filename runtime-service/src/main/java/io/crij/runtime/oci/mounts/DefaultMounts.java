package io.crij.runtime.oci.mounts;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What every container has (runtime-spec, config-linux.md, "Default Filesystems"; CRI). */
final class DefaultMounts {
  private DefaultMounts() {}

  static List<SpecMount> of(PodFiles files, LinuxContainerSecurityContext security) {
    String system = security.getPrivileged() ? "rw" : "ro";
    String etc = security.getReadonlyRootfs() ? "ro" : "rw";
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
    mounts.add(pseudo("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", system));
    mounts.add(shm(files));
    mounts.add(file("/etc/hosts", files.hosts(), etc));
    mounts.add(file("/etc/hostname", files.hostname(), etc));
    mounts.add(file("/etc/resolv.conf", files.resolvConf(), etc));
    return mounts;
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
