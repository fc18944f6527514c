package io.crij.image.naive;

import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Joins names of the archive to the folder, follows links, and believes sizes, as the first
 * versions of many tools did.
 */
public final class NaiveUnpacker {
  private static final int BLOCK = 512;
  private static final String WHITEOUT = ".wh.";
  private static final String XATTR = "SCHILY.xattr.";

  private final Path root;
  private final Map<String, String> pax = new HashMap<>();
  private String device = "0 0";
  private long largestBuffer;

  public NaiveUnpacker(Path root) {
    this.root = root;
  }

  /** Bytes that it would have allocated at once because the archive says so. */
  public long largestBuffer() {
    return largestBuffer;
  }

  /** Unpacks as far as it gets. */
  public void unpack(byte[] tar) throws IOException {
    int at = 0;
    while (at + BLOCK <= tar.length && tar[at] != 0) {
      long size = number(tar, at + 124, 12);
      char type = (char) tar[at + 156];
      if (type == 'x' || type == 'L') {
        largestBuffer = Math.max(largestBuffer, size);
      }
      int end = (int) Math.min(tar.length, at + BLOCK + Math.max(0, size));
      byte[] content = Arrays.copyOfRange(tar, at + BLOCK, end);
      if (type == 'x') {
        readPax(content);
      } else {
        String name = pax.getOrDefault("path", text(tar, at, 100));
        device = number(tar, at + 329, 8) + " " + number(tar, at + 337, 8);
        make(type, name, text(tar, at + 157, 100), (int) number(tar, at + 100, 8), content);
        pax.clear();
      }
      at += BLOCK + (content.length + BLOCK - 1) / BLOCK * BLOCK;
    }
  }

  private void make(char type, String name, String link, int mode, byte[] content)
      throws IOException {
    // Path.resolve would let an absolute name replace the folder; many joined strings.
    Path path = Path.of(root + "/" + name);
    String last = String.valueOf(path.getFileName());
    if (last.equals(".wh..wh..opq")) {
      empty(path.resolveSibling("."));
    } else if (last.startsWith(WHITEOUT)) {
      Files.deleteIfExists(Path.of(path.getParent() + "/" + last.substring(WHITEOUT.length())));
    } else {
      switch (type) {
        case '5' -> Files.createDirectories(path);
        case '2' -> Files.createSymbolicLink(path, Path.of(link));
        case '1' -> {
          Path target = link.startsWith("/") ? Path.of(link) : root.resolve(link);
          Files.createLink(path, target.toRealPath());
        }
        case '3', '4' -> device(path, type == '4' ? "b" : "c", mode);
        default -> {
          if (Files.notExists(path.getParent())) {
            Files.createDirectories(path.getParent());
          }
          Files.write(path, content);
        }
      }
      for (Map.Entry<String, String> record : pax.entrySet()) {
        if (record.getKey().startsWith(XATTR)) {
          try (Tree tree = Tree.open(Objects.requireNonNull(path.getParent()))) {
            tree.root()
                .xattrs(Name.of(last))
                .set(
                    record.getKey().substring(XATTR.length()),
                    record.getValue().getBytes(StandardCharsets.UTF_8));
          }
        }
      }
      if (type == '0' || type == '1') {
        Files.setAttribute(path, "unix:mode", mode & 07777);
      }
    }
  }

  private void device(Path path, String type, int mode) throws IOException {
    String[] numbers = device.split(" ", 2);
    String octal = Integer.toOctalString(mode & 0777);
    run("mknod", "-m", octal, path.toString(), type, numbers[0], numbers[1]);
  }

  private static void run(String... command) throws IOException {
    try {
      int status = new ProcessBuilder(command).start().waitFor();
      if (status != 0) {
        throw new IOException(Arrays.toString(command) + ": status " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void empty(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private void readPax(byte[] content) {
    for (String line : new String(content, StandardCharsets.UTF_8).split("\n", -1)) {
      int space = line.indexOf(' ');
      int equals = line.indexOf('=');
      if (space > 0 && equals > space) {
        pax.put(line.substring(space + 1, equals), line.substring(equals + 1));
      }
    }
  }

  private static String text(byte[] tar, int at, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = at; i < at + length && tar[i] != 0; i++) {
      out.write(tar[i]);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static long number(byte[] tar, int at, int length) {
    if (tar[at] < 0) {
      return ByteBuffer.wrap(tar, at + length - Long.BYTES, Long.BYTES).getLong();
    }
    String digits = text(tar, at, length).strip();
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }
}
