package io.crij.linux.tree;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The extended attributes of one entry (xattr(7)); a symbolic link's are its own. */
public final class Xattrs {
  private static final byte[] NOTHING = {};

  private final byte[] path;
  private final String entry;

  private Xattrs(Fd folder, byte[] name, String entry) {
    // There is no setxattrat before Linux 6.13; this path has one name after the open folder.
    byte[] prefix = (folder.procPath() + "/").getBytes(StandardCharsets.US_ASCII);
    this.path = Arrays.copyOf(prefix, prefix.length + name.length);
    System.arraycopy(name, 0, path, prefix.length, name.length);
    this.entry = entry;
  }

  static Xattrs of(Fd folder, Name entry) {
    return new Xattrs(folder, entry.terminated(), entry.toString());
  }

  static Xattrs ofItself(Fd folder) {
    return new Xattrs(folder, new byte[] {'.', 0}, folder.toString());
  }

  /** Sets or replaces a value. */
  public void set(String key, byte[] value) {
    if (TreeLibc.lsetxattr(path, terminated(key), value, value.length, 0) != 0) {
      throw LinuxException.last("lsetxattr", key + " of " + entry);
    }
  }

  /** A value, null when the entry has none of this key. */
  public byte @Nullable [] get(String key) {
    byte[] name = terminated(key);
    byte[] value = new byte[size(TreeLibc.lgetxattr(path, name, NOTHING, 0), "lgetxattr")];
    long n = TreeLibc.lgetxattr(path, name, value, value.length);
    if (n < 0) {
      int errno = Native.getLastError();
      if (errno == Errno.ENODATA || errno == Errno.EOPNOTSUPP) {
        return null;
      }
      throw new LinuxException("lgetxattr", key + " of " + entry, errno);
    }
    return Arrays.copyOf(value, (int) n);
  }

  public List<String> keys() {
    byte[] list = new byte[size(TreeLibc.llistxattr(path, NOTHING, 0), "llistxattr")];
    int n = list.length == 0 ? 0 : size(TreeLibc.llistxattr(path, list, list.length), "llistxattr");
    List<String> keys = new ArrayList<>();
    for (int start = 0, i = 0; i < n; i++) {
      if (list[i] == 0) {
        keys.add(new String(list, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    return keys;
  }

  /** The size that a call with no room for a result answered; 0 for no attribute. */
  private int size(long result, String call) {
    if (result >= 0) {
      return (int) result;
    }
    int errno = Native.getLastError();
    if (errno == Errno.ENODATA || errno == Errno.EOPNOTSUPP) {
      return 0;
    }
    throw new LinuxException(call, entry, errno);
  }

  private static byte[] terminated(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }
}
