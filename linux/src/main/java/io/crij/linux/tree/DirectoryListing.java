package io.crij.linux.tree;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the names of an open folder from where it was read last (getdents64(2)). */
final class DirectoryListing {
  private static final int BUFFER_BYTES = 32 * 1024;
  private static final int LENGTH_OFFSET = 16;
  private static final int NAME_OFFSET = 19;

  private DirectoryListing() {}

  static List<Name> read(Fd folder) {
    // A descriptor of its own: the position of a shared one is anywhere.
    byte[] here = {'.', 0};
    int flags = Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_CLOEXEC;
    int n = TreeLibc.openat(folder.number(), here, flags, 0);
    if (n < 0) {
      throw LinuxException.last("openat", folder.toString());
    }
    List<Name> names = new ArrayList<>();
    try (Fd own = Fd.owning(n)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = fill(own, buffer); count > 0; count = fill(own, buffer)) {
        parse(buffer, count, names);
      }
    }
    return names;
  }

  private static int fill(Fd folder, byte[] buffer) {
    long n = TreeLibc.getdents64(folder.number(), buffer, buffer.length);
    if (n < 0) {
      throw LinuxException.last("getdents64", folder.toString());
    }
    return (int) n;
  }

  private static void parse(byte[] buffer, int count, List<Name> names) {
    ByteBuffer in = ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder());
    int at = 0;
    while (at < count) {
      int length = in.getShort(at + LENGTH_OFFSET) & 0xffff;
      int end = at + NAME_OFFSET;
      while (buffer[end] != 0) {
        end++;
      }
      byte[] name = Arrays.copyOfRange(buffer, at + NAME_OFFSET, end);
      boolean self = name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
      if (!self) {
        names.add(Name.of(name));
      }
      at += length;
    }
  }
}
