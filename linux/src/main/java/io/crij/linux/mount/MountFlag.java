package io.crij.linux.mount;

import java.util.Set;

/** What a mount forbids (mount_setattr(2)). */
public enum MountFlag {
  READ_ONLY(0x1),
  NOSUID(0x2),
  NODEV(0x4),
  NOEXEC(0x8);

  private final int attribute;

  MountFlag(int attribute) {
    this.attribute = attribute;
  }

  static int attributes(Set<MountFlag> flags) {
    int all = 0;
    for (MountFlag flag : flags) {
      all |= flag.attribute;
    }
    return all;
  }
}
