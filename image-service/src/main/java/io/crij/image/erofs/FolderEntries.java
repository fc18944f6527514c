package io.crij.image.erofs;

import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The entries of a folder as they stand in an image: sorted by the bytes of their names, with
 * itself and its parent among them, in blocks of which each has its entries before its names.
 */
final class FolderEntries {
  private static final int ENTRY_BYTES = 12;
  private static final byte[] SELF = {'.'};
  private static final byte[] PARENT = {'.', '.'};

  private final List<Entry> entries;
  private final BlockSize blocks;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(byte[] name, Inode inode) {
    int bytes() {
      return ENTRY_BYTES + name.length;
    }
  }

  FolderEntries(Inode.Folder folder, BlockSize blocks) {
    this.blocks = blocks;
    this.entries = new ArrayList<>(folder.entries().size() + 2);
    Deque<Entry> own = new ArrayDeque<>();
    own.add(new Entry(SELF, folder));
    own.add(new Entry(PARENT, folder.parent()));
    for (Map.Entry<Name, Inode> entry : folder.entries().entrySet()) {
      byte[] name = entry.getKey().bytes();
      while (!own.isEmpty() && Arrays.compareUnsigned(own.element().name, name) < 0) {
        entries.add(own.remove());
      }
      entries.add(new Entry(name, entry.getValue()));
    }
    entries.addAll(own);
  }

  /** In whole blocks but for the last. */
  long sizeBytes() {
    long full = 0;
    int used = 0;
    for (Entry entry : entries) {
      if (used + entry.bytes() > blocks.bytes()) {
        full++;
        used = 0;
      }
      used += entry.bytes();
    }
    return full * blocks.bytes() + used;
  }

  /** Writes them once all inodes have been placed. */
  void write(ImageBuffer out) {
    int first = 0;
    while (first < entries.size()) {
      int next = first;
      int used = 0;
      while (next < entries.size() && used + entries.get(next).bytes() <= blocks.bytes()) {
        used += entries.get(next).bytes();
        next++;
      }
      writeBlock(entries.subList(first, next), out);
      if (next < entries.size()) {
        out.fillTo(out.position() + blocks.bytes() - used);
      }
      first = next;
    }
  }

  private static void writeBlock(List<Entry> block, ImageBuffer out) {
    int nameOffset = block.size() * ENTRY_BYTES;
    for (Entry entry : block) {
      out.put8(ImageLayout.number(entry.inode)).put2(nameOffset);
      out.put1(typeCode(entry.inode.type())).put1(0);
      nameOffset += entry.name.length;
    }
    for (Entry entry : block) {
      out.put(entry.name);
    }
  }

  private static int typeCode(FileType type) {
    return switch (type) {
      case REGULAR -> 1;
      case DIRECTORY -> 2;
      case CHARACTER_DEVICE -> 3;
      case BLOCK_DEVICE -> 4;
      case FIFO -> 5;
      case SOCKET -> 6;
      case SYMLINK -> 7;
    };
  }
}
