package io.crij.image.changeset;

import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Xattrs;

/** How overlayfs marks what hides lower layers (the kernel's overlayfs.rst). */
public final class Overlayfs {
  public static final String OPAQUE = "trusted.overlay.opaque";
  private static final byte[] YES = {'y'};

  private Overlayfs() {}

  /** The value of {@link #OPAQUE} of a folder that hides what the layers below have in it. */
  public static byte[] opaqueValue() {
    return YES.clone();
  }

  /** Hides {@code name} in the layers below. */
  public static void makeWhiteout(Directory folder, Name name) {
    folder.createNode(name, FileType.CHARACTER_DEVICE, 0, 0);
  }

  /** Hides what the layers below have in a folder. */
  public static void makeOpaque(Xattrs folder) {
    folder.set(OPAQUE, YES);
  }

  public static boolean isOpaque(Xattrs folder) {
    byte[] value = folder.get(OPAQUE);
    return value != null && value.length == 1 && value[0] == YES[0];
  }

  /** Whether an attribute is not the image's to set: overlayfs's own, and labels of the node. */
  public static boolean isReserved(String xattr) {
    return xattr.startsWith("trusted.overlay.")
        || xattr.startsWith("user.overlay.")
        || xattr.equals("security.selinux");
  }
}
