package io.crij.image.erofs;

import io.crij.image.changeset.Overlayfs;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The extended attributes right behind an inode. */
final class XattrArea {
  private static final int HEADER_BYTES = 12;
  private static final int ENTRY_BYTES = 4;
  private static final int ALIGNMENT = 4;

  /** What the count in the inode can say. */
  private static final int MOST_BYTES = HEADER_BYTES + ALIGNMENT * (0xffff - 1);

  private final SortedMap<String, byte[]> xattrs;
  private final int bytes;

  private XattrArea(SortedMap<String, byte[]> xattrs) {
    this.xattrs = xattrs;
    long size = xattrs.isEmpty() ? 0 : HEADER_BYTES;
    for (Map.Entry<String, byte[]> xattr : xattrs.entrySet()) {
      size += aligned(ENTRY_BYTES + suffix(xattr.getKey()).length + xattr.getValue().length);
    }
    if (size > MOST_BYTES) {
      throw new LinuxException("setxattr", xattrs.firstKey(), Errno.ENOSPC);
    }
    this.bytes = (int) size;
  }

  static XattrArea of(Inode inode) {
    if (inode instanceof Inode.Folder folder && folder.hidesLower()) {
      SortedMap<String, byte[]> with = new TreeMap<>(folder.xattrs());
      with.put(Overlayfs.OPAQUE, Overlayfs.opaqueValue());
      return new XattrArea(with);
    }
    return new XattrArea(inode.xattrs());
  }

  /** Refuses more attributes than an image can hold for a file. */
  static void require(Inode inode) {
    of(inode);
  }

  int bytes() {
    return bytes;
  }

  /** As the inode tells the size. */
  int count() {
    return bytes == 0 ? 0 : (bytes - HEADER_BYTES) / ALIGNMENT + 1;
  }

  void write(ImageBuffer out) {
    if (bytes == 0) {
      return;
    }
    // No filter of names, no shared attributes.
    out.put4(0).put8(0);
    for (Map.Entry<String, byte[]> xattr : xattrs.entrySet()) {
      byte[] name = suffix(xattr.getKey());
      byte[] value = xattr.getValue();
      out.put1(name.length).put1(index(xattr.getKey())).put2(value.length).put(name).put(value);
      int size = ENTRY_BYTES + name.length + value.length;
      out.fillTo(out.position() + aligned(size) - size);
    }
  }

  private static int aligned(int size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static int index(String key) {
    return switch (key) {
      case XattrRules.ACL_ACCESS -> 2;
      case XattrRules.ACL_DEFAULT -> 3;
      default -> key.startsWith(XattrRules.USER) ? 1 : key.startsWith(XattrRules.TRUSTED) ? 4 : 6;
    };
  }

  /** What of the name the index does not say. */
  private static byte[] suffix(String key) {
    return switch (key) {
      case XattrRules.ACL_ACCESS, XattrRules.ACL_DEFAULT -> new byte[0];
      default -> key.substring(key.indexOf('.') + 1).getBytes(StandardCharsets.UTF_8);
    };
  }
}
