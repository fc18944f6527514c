package io.crij.image.layer;

import io.crij.image.changeset.Overlayfs;
import io.crij.linux.tree.Attributes;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.Xattrs;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A folder as one layer has it.
 *
 * @param hidesLower whether folders of this path in layers below are not seen
 */
record StackedFolder(Attributes attributes, Map<String, byte[]> xattrs, boolean hidesLower) {
  /** How a path looks in one layer. */
  sealed interface Look {
    /** The layer says nothing about it. */
    record Absent() implements Look {}

    /** The layer hides what is below: something else is there, or it was removed. */
    record Hidden() implements Look {}

    record There(StackedFolder folder) implements Look {}
  }

  static Look look(Tree layer, BytePath path) {
    Deque<Name> names = new ArrayDeque<>();
    for (BytePath p = path; !p.isRoot(); p = p.parent()) {
      names.push(p.name());
    }
    Directory at = layer.root();
    boolean opaque = Overlayfs.isOpaque(at.xattrs());
    try {
      for (Name name : names) {
        Stat stat = at.stat(name);
        if (stat == null) {
          return opaque ? new Look.Hidden() : new Look.Absent();
        }
        if (stat.type() != FileType.DIRECTORY) {
          return new Look.Hidden();
        }
        Directory child = at.open(name);
        close(layer, at);
        at = child;
        opaque |= Overlayfs.isOpaque(at.xattrs());
      }
      return new Look.There(new StackedFolder(at.stat().attributes(), imageXattrs(at), opaque));
    } finally {
      close(layer, at);
    }
  }

  private static void close(Tree layer, Directory folder) {
    if (folder != layer.root()) {
      folder.close();
    }
  }

  private static Map<String, byte[]> imageXattrs(Directory folder) {
    Map<String, byte[]> values = new HashMap<>();
    Xattrs xattrs = folder.xattrs();
    for (String key : xattrs.keys()) {
      byte @Nullable [] value = Overlayfs.isReserved(key) ? null : xattrs.get(key);
      if (value != null) {
        values.put(key, value);
      }
    }
    return values;
  }

  /** Whether a program would find no difference but in the times. */
  boolean looksLike(StackedFolder other) {
    return attributes.mode() == other.attributes.mode()
        && attributes.uid() == other.attributes.uid()
        && attributes.gid() == other.attributes.gid()
        && xattrs.keySet().equals(other.xattrs.keySet())
        && xattrs.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), other.xattrs.get(e.getKey())));
  }

  void applyTo(Directory folder) {
    Directory.setOwnerAndMode(folder.fd(), attributes);
    xattrs.forEach((key, value) -> folder.xattrs().set(key, value));
    Directory.setModified(folder.fd(), attributes.modified());
  }
}
