package io.crij.linux.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A path below a root: names joined by slashes, without {@code .}, {@code ..} and empty names; the
 * root itself has none.
 */
public final class BytePath {
  public static final BytePath ROOT = new BytePath(new byte[0]);

  /** PATH_MAX, which counts the zero byte at the end. */
  public static final int MAX_BYTES = 4095;

  private final byte[] bytes;

  private BytePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads a path as if {@code /} were the root: {@code ..} takes away the name before it, and at
   * the root stays there.
   *
   * @throws IllegalArgumentException when it is too long or holds a zero byte
   */
  public static BytePath of(byte[] raw) {
    if (raw.length > MAX_BYTES) {
      throw new IllegalArgumentException("path of " + raw.length + " bytes is too long");
    }
    byte[] clean = new byte[raw.length + 1];
    int length = 0;
    int start = 0;
    for (int i = 0; i <= raw.length; i++) {
      if (i < raw.length && raw[i] == 0) {
        throw new IllegalArgumentException("path holds a zero byte: " + printable(raw));
      }
      if (i == raw.length || raw[i] == '/') {
        length = append(clean, length, raw, start, i - start);
        start = i + 1;
      }
    }
    return new BytePath(Arrays.copyOf(clean, length));
  }

  /** A path in UTF-8. */
  public static BytePath of(String path) {
    return of(path.getBytes(StandardCharsets.UTF_8));
  }

  private static int append(byte[] clean, int length, byte[] raw, int start, int count) {
    if (count == 0 || (count == 1 && raw[start] == '.')) {
      return length;
    }
    if (count == 2 && raw[start] == '.' && raw[start + 1] == '.') {
      return Math.max(0, lastSlash(clean, length));
    }
    int at = length;
    if (at > 0) {
      clean[at++] = '/';
    }
    System.arraycopy(raw, start, clean, at, count);
    return at + count;
  }

  private static int lastSlash(byte[] bytes, int length) {
    int i = length - 1;
    while (i >= 0 && bytes[i] != '/') {
      i--;
    }
    return i;
  }

  public boolean isRoot() {
    return bytes.length == 0;
  }

  /** The folder it is in; the root is in itself. */
  public BytePath parent() {
    int slash = lastSlash(bytes, bytes.length);
    return slash < 0 ? ROOT : new BytePath(Arrays.copyOf(bytes, slash));
  }

  /**
   * The last name.
   *
   * @throws IllegalArgumentException for the root
   */
  public Name name() {
    return Name.of(Arrays.copyOfRange(bytes, lastSlash(bytes, bytes.length) + 1, bytes.length));
  }

  public BytePath resolve(Name child) {
    byte[] name = child.bytes();
    int at = bytes.length == 0 ? 0 : bytes.length + 1;
    byte[] path = Arrays.copyOf(bytes, at + name.length);
    if (at > 0) {
      path[at - 1] = '/';
    }
    System.arraycopy(name, 0, path, at, name.length);
    return new BytePath(path);
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /** As C wants it: {@code .} for the root, ended by a zero byte. */
  byte[] terminated() {
    return isRoot() ? new byte[] {'.', 0} : Arrays.copyOf(bytes, bytes.length + 1);
  }

  static String printable(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b >= ' ' && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append(String.format("\\x%02x", b & 0xff));
      }
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BytePath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For people: with a leading slash, bytes that are no printable ASCII as {@code \xNN}. */
  @Override
  public String toString() {
    return "/" + printable(bytes);
  }
}
