package io.crij.image.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds archives byte by byte, also such as no tool would make. */
public final class TestTar {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<byte[]> pax = new ArrayList<>();
  private int mode = -1;
  private byte[] uid = octal(0, 8);
  private byte[] size = new byte[0];
  private long modified = 1_600_000_000;

  /** Extended header records for the next entry. */
  public TestTar pax(String key, String value) {
    return pax(key, value.getBytes(StandardCharsets.UTF_8));
  }

  public TestTar pax(String key, byte[] value) {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    int length = key.getBytes(StandardCharsets.UTF_8).length + value.length + 3;
    int digits = Integer.toString(length).length();
    digits = Integer.toString(length + digits).length();
    record.writeBytes((length + digits + " " + key + "=").getBytes(StandardCharsets.UTF_8));
    record.writeBytes(value);
    record.write('\n');
    pax.add(record.toByteArray());
    return this;
  }

  /** The next entry's mode. */
  public TestTar mode(int bits) {
    mode = bits;
    return this;
  }

  /** The next entry's eight bytes of owner. */
  public TestTar uid(byte[] field) {
    uid = field.clone();
    return this;
  }

  /** The next entry's twelve bytes of size, whatever its content. */
  public TestTar size(byte[] field) {
    size = field.clone();
    return this;
  }

  public TestTar modified(long seconds) {
    modified = seconds;
    return this;
  }

  public TestTar directory(String name) {
    return entry('5', bytes(name), "", new byte[0]);
  }

  public TestTar file(String name, String content) {
    return entry('0', bytes(name), "", bytes(content));
  }

  public TestTar symlink(String name, String target) {
    return entry('2', bytes(name), target, new byte[0]);
  }

  public TestTar link(String name, String target) {
    return entry('1', bytes(name), target, new byte[0]);
  }

  public TestTar entry(char flag, byte[] name, String link, byte[] content) {
    if (!pax.isEmpty()) {
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      pax.forEach(records::writeBytes);
      pax.clear();
      header('x', bytes("pax"), "", octal(records.size(), 12), 0644, octal(0, 8));
      data(records.toByteArray());
    }
    byte[] length = size.length == 0 ? octal(content.length, 12) : size;
    header(flag, name, link, length, mode >= 0 ? mode : flag == '5' ? 0755 : 0644, uid);
    data(content);
    mode = -1;
    uid = octal(0, 8);
    size = new byte[0];
    return this;
  }

  public TestTar device(char flag, String name, int major, int minor) {
    byte[] block = block(flag, bytes(name), "", octal(0, 12), 0600, octal(0, 8));
    System.arraycopy(octal(major, 8), 0, block, 329, 8);
    System.arraycopy(octal(minor, 8), 0, block, 337, 8);
    out.writeBytes(withChecksum(block));
    return this;
  }

  /** GNU's long name or link for the next entry. */
  public TestTar gnuLong(char flag, String name) {
    byte[] content = bytes(name + "\0");
    header(flag, bytes("././@LongLink"), "", octal(content.length, 12), 0644, octal(0, 8));
    data(content);
    return this;
  }

  public TestTar raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** What was added, without the zero blocks of the end. */
  public byte[] unfinished() {
    return out.toByteArray();
  }

  public byte[] build() {
    byte[] entries = out.toByteArray();
    return Arrays.copyOf(entries, entries.length + 2 * BLOCK);
  }

  private void header(char flag, byte[] name, String link, byte[] length, int bits, byte[] owner) {
    out.writeBytes(withChecksum(block(flag, name, link, length, bits, owner)));
  }

  private byte[] block(char flag, byte[] name, String link, byte[] length, int bits, byte[] owner) {
    byte[] block = new byte[BLOCK];
    System.arraycopy(name, 0, block, 0, name.length);
    System.arraycopy(octal(bits, 8), 0, block, 100, 8);
    System.arraycopy(owner, 0, block, 108, 8);
    System.arraycopy(octal(0, 8), 0, block, 116, 8);
    System.arraycopy(length, 0, block, 124, 12);
    System.arraycopy(octal(modified, 12), 0, block, 136, 12);
    block[156] = (byte) flag;
    System.arraycopy(bytes(link), 0, block, 157, bytes(link).length);
    System.arraycopy(bytes("ustar\0" + "00"), 0, block, 257, 8);
    return block;
  }

  /** A header block, changed so that its checksum is right. */
  public static byte[] withChecksum(byte[] block) {
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    System.arraycopy(octal(sum, 7), 0, block, 148, 7);
    return block;
  }

  private void data(byte[] content) {
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & (BLOCK - 1)]);
  }

  /** Digits with a zero byte at the end. */
  public static byte[] octal(long value, int length) {
    String digits = String.format("%0" + (length - 1) + "o", value);
    return bytes(digits + "\0");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
