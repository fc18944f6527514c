package io.crij.image.erofs;

import io.crij.image.tar.TarContent;
import io.crij.linux.tree.Attributes;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.FileTime;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file of any type in the tree of a layer; several names may lead to it. There are as many as
 * entries in an archive, so it keeps numbers, not objects.
 */
abstract sealed class Inode {
  private static final Attributes IMPLIED = new Attributes(0755, 0, 0, FileTime.EPOCH);

  private int mode;
  private int uid;
  private int gid;
  private int nanos;
  private long seconds;
  private SortedMap<String, byte[]> xattrs = Collections.emptySortedMap();

  /** Of its inode from the begin of the image; 0 until it has been placed. */
  private long position;

  private int links;

  private Inode(Attributes attributes) {
    set(attributes);
  }

  abstract FileType type();

  private void set(Attributes attributes) {
    mode = attributes.mode();
    uid = attributes.uid();
    gid = attributes.gid();
    seconds = attributes.modified().seconds();
    nanos = attributes.modified().nanos();
  }

  Attributes attributes() {
    return new Attributes(mode, uid, gid, new FileTime(seconds, nanos));
  }

  void describe(Attributes attributes) {
    set(attributes);
  }

  /** By their full names. */
  SortedMap<String, byte[]> xattrs() {
    return xattrs;
  }

  void setXattr(String key, byte[] value) {
    if (xattrs.isEmpty()) {
      xattrs = new TreeMap<>();
    }
    xattrs.put(key, value);
  }

  boolean isPlaced() {
    return position != 0;
  }

  long position() {
    return position;
  }

  void place(long at) {
    position = at;
  }

  int links() {
    return links;
  }

  void addLink() {
    links++;
  }

  /** A folder; it has no other name than that in its parent. */
  static final class Folder extends Inode {
    private final @Nullable Folder parent;
    private final @Nullable Name name;
    private final TreeMap<Name, Inode> entries = new TreeMap<>();
    private boolean implied = true;
    private boolean opaque;

    /** The first block of its entries, counted from that of all folders. */
    private long firstBlock;

    /**
     * An empty folder that nothing describes yet.
     *
     * @param parent null for the root
     * @param name null for the root
     */
    Folder(@Nullable Folder parent, @Nullable Name name) {
      super(IMPLIED);
      this.parent = parent;
      this.name = name;
    }

    @Override
    FileType type() {
      return FileType.DIRECTORY;
    }

    @Override
    void describe(Attributes attributes) {
      super.describe(attributes);
      implied = false;
    }

    /** Whether the archive has it only because something is in it. */
    boolean isImplied() {
      return implied;
    }

    /** Hides what the layers below have in it. */
    void hideLower() {
      opaque = true;
    }

    boolean hidesLower() {
      return opaque;
    }

    /** The folder it is in; the root is in itself. */
    Folder parent() {
      return parent == null ? this : parent;
    }

    /** In the order of the names' bytes. */
    SortedMap<Name, Inode> entries() {
      return entries;
    }

    @Nullable Inode get(Name name) {
      return entries.get(name);
    }

    long firstBlock() {
      return firstBlock;
    }

    void setFirstBlock(long block) {
      firstBlock = block;
    }

    /**
     * Its path as it is in the tree, without links; null when it is too long for one: by links,
     * folders can be made deeper than any path leads.
     */
    @Nullable BytePath path() {
      byte[] path = new byte[BytePath.MAX_BYTES + 1];
      int start = path.length;
      for (Folder at = this; at.name != null; at = at.parent()) {
        byte[] bytes = at.name.bytes();
        start -= bytes.length + 1;
        if (start < 0) {
          return null;
        }
        path[start] = '/';
        System.arraycopy(bytes, 0, path, start + 1, bytes.length);
      }
      return start == path.length
          ? BytePath.ROOT
          : BytePath.of(Arrays.copyOfRange(path, start + 1, path.length));
    }
  }

  static final class Regular extends Inode {
    private final long offset;
    private final long sizeBytes;
    private final @Nullable TarContent sparse;

    Regular(Attributes attributes, TarContent content) {
      super(attributes);
      this.offset = content.offset();
      this.sizeBytes = content.sizeBytes();
      this.sparse = content.isSparse() ? content : null;
    }

    @Override
    FileType type() {
      return FileType.REGULAR;
    }

    /** In the archive, of the first byte that is stored. */
    long offset() {
      return offset;
    }

    long sizeBytes() {
      return sizeBytes;
    }

    /** Null for a file without holes. */
    @Nullable TarContent sparse() {
      return sparse;
    }
  }

  static final class Symlink extends Inode {
    private final byte[] target;

    /** The first block of its target, counted from that of all folders, if it is not inline. */
    private long firstBlock;

    Symlink(Attributes attributes, byte[] target) {
      super(attributes);
      this.target = target;
    }

    @Override
    FileType type() {
      return FileType.SYMLINK;
    }

    byte[] target() {
      return target;
    }

    long firstBlock() {
      return firstBlock;
    }

    void setFirstBlock(long block) {
      firstBlock = block;
    }
  }

  /** A device or FIFO. */
  static final class Special extends Inode {
    private static final Attributes PRIVATE = new Attributes(0600, 0, 0, FileTime.EPOCH);

    private final FileType type;
    private final int device;

    /**
     * A device or FIFO.
     *
     * @param device as the kernel encodes it in 32 bits; 0 for a FIFO
     */
    Special(Attributes attributes, FileType type, int device) {
      super(attributes);
      this.type = type;
      this.device = device;
    }

    /** What hides a name of the layers below. */
    static Special whiteout() {
      return new Special(PRIVATE, FileType.CHARACTER_DEVICE, 0);
    }

    @Override
    FileType type() {
      return type;
    }

    int device() {
      return device;
    }

    boolean isWhiteout() {
      return type == FileType.CHARACTER_DEVICE && device == 0;
    }
  }
}
