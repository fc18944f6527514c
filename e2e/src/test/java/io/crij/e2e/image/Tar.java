package io.crij.e2e.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** A tar in memory, ustar format; its entries are sorted by name, hard links after the files. */
final class Tar {
  private static final int BLOCK = 512;

  private static final class Entry {
    private final char type;
    private final String target;
    private final byte[] content;
    private final int mode;
    private final int owner;

    Entry(char type, String target, byte[] content, int mode, int owner) {
      this.type = type;
      this.target = target;
      this.content = content;
      this.mode = mode;
      this.owner = owner;
    }
  }

  private final Map<String, Entry> files = new TreeMap<>();
  private final Map<String, Entry> hardLinks = new TreeMap<>();

  Tar folder(String name, int mode, int owner) {
    files.put(name + "/", new Entry('5', "", new byte[0], mode, owner));
    return this;
  }

  Tar folders(String... names) {
    for (String name : names) {
      folder(name, 0755, 0);
    }
    return this;
  }

  Tar file(String name, byte[] content, int mode) {
    files.put(name, new Entry('0', "", content, mode, 0));
    return this;
  }

  Tar file(String name, String content, int mode) {
    return file(name, content.getBytes(StandardCharsets.UTF_8), mode);
  }

  Tar copy(String name, Path source, int mode) throws IOException {
    return file(name, Files.readAllBytes(source), mode);
  }

  Tar symbolicLink(String name, String target) {
    files.put(name, new Entry('2', target, new byte[0], 0777, 0));
    return this;
  }

  Tar hardLink(String name, String target) {
    hardLinks.put(name, new Entry('1', target, new byte[0], 0755, 0));
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    files.forEach((name, entry) -> write(out, name, entry));
    hardLinks.forEach((name, entry) -> write(out, name, entry));
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, String name, Entry entry) {
    byte[] header = new byte[BLOCK];
    put(header, 0, 100, name);
    put(header, 100, 8, octal(entry.mode, 7));
    put(header, 108, 8, octal(entry.owner, 7));
    put(header, 116, 8, octal(entry.owner, 7));
    put(header, 124, 12, octal(entry.content.length, 11));
    put(header, 136, 12, octal(0, 11));
    put(header, 148, 8, "        ");
    header[156] = (byte) entry.type;
    put(header, 157, 100, entry.target);
    put(header, 257, 8, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, 148, 8, octal(sum, 6) + "\0 ");
    out.writeBytes(header);
    out.writeBytes(entry.content);
    int over = entry.content.length % BLOCK;
    out.writeBytes(new byte[over == 0 ? 0 : BLOCK - over]);
  }

  private static void put(byte[] header, int offset, int size, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > size) {
      throw new IllegalArgumentException("too long for a ustar header: " + text);
    }
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  private static String octal(long value, int digits) {
    String text = Long.toOctalString(value);
    return "0".repeat(digits - text.length()) + text;
  }
}
