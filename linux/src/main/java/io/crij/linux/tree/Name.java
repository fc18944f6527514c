package io.crij.linux.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of one entry of a folder: any bytes but zero and slash, not {@code .} nor {@code ..}.
 * Ordered by their bytes as unsigned numbers.
 */
public final class Name implements Comparable<Name> {
  private final byte[] bytes;

  private Name(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes bytes as a name.
   *
   * @throws IllegalArgumentException when no entry can have this name
   */
  public static Name of(byte[] bytes) {
    boolean dots =
        (bytes.length == 1 || bytes.length == 2)
            && bytes[0] == '.'
            && bytes[bytes.length - 1] == '.';
    boolean plain = bytes.length > 0 && !dots;
    for (int i = 0; plain && i < bytes.length; i++) {
      plain = bytes[i] != 0 && bytes[i] != '/';
    }
    if (!plain) {
      throw new IllegalArgumentException("not a file name: \"" + BytePath.printable(bytes) + '"');
    }
    return new Name(bytes.clone());
  }

  /** A name in UTF-8. */
  public static Name of(String name) {
    return of(name.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /** With the zero byte that ends it in C. */
  byte[] terminated() {
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  public boolean startsWith(byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /**
   * What follows the first {@code count} bytes.
   *
   * @throws IllegalArgumentException when the rest is no name
   */
  public Name withoutPrefix(int count) {
    return of(Arrays.copyOfRange(bytes, count, bytes.length));
  }

  public int length() {
    return bytes.length;
  }

  @Override
  public int compareTo(Name other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Name name && Arrays.equals(bytes, name.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For people: bytes that are no printable ASCII as {@code \xNN}. */
  @Override
  public String toString() {
    return BytePath.printable(bytes);
  }
}
