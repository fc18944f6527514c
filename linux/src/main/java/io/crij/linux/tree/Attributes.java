package io.crij.linux.tree;

/**
 * What an inode says about itself besides its content.
 *
 * @param mode the lower twelve bits
 * @param uid owner, an unsigned 32-bit number
 * @param gid group, an unsigned 32-bit number
 */
public record Attributes(int mode, int uid, int gid, FileTime modified) {
  private static final int MODE_BITS = 07777;

  public Attributes {
    mode &= MODE_BITS;
  }
}
