package io.crij.linux.mount;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mounts of one moment, in the kernel's order: a later one may hide an earlier. */
public record MountTable(List<MountEntry> entries) {
  private static final int FIXED_FIELDS = 6;
  private static final int TRAILING_FIELDS = 3;

  public MountTable {
    entries = List.copyOf(entries);
  }

  /** The mounts of this process. */
  public static MountTable read() {
    Path file = Path.of("/proc/self/mountinfo");
    try {
      // Latin-1 keeps every byte; names are decoded when their escapes are resolved.
      return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file + ": " + e.getMessage(), e);
    }
  }

  static MountTable parse(String text) {
    List<MountEntry> entries = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (!line.isEmpty()) {
        entries.add(parseLine(line));
      }
    }
    return new MountTable(entries);
  }

  /** The mount seen at {@code mountPoint}, null when nothing is mounted right there. */
  public @Nullable MountEntry find(Path mountPoint) {
    String path = mountPoint.toString();
    MountEntry found = null;
    for (MountEntry entry : entries) {
      if (entry.mountPoint().equals(path)) {
        found = entry;
      }
    }
    return found;
  }

  /** All mounts at or below {@code folder}, innermost last. */
  public List<MountEntry> below(Path folder) {
    String path = folder.toString();
    String prefix = path.endsWith("/") ? path : path + "/";
    return entries.stream()
        .filter(e -> e.mountPoint().equals(path) || e.mountPoint().startsWith(prefix))
        .toList();
  }

  private static MountEntry parseLine(String line) {
    String[] fields = line.split(" ", -1);
    int separator = FIXED_FIELDS;
    while (separator < fields.length && !fields[separator].equals("-")) {
      separator++;
    }
    if (separator + TRAILING_FIELDS >= fields.length) {
      throw new IllegalArgumentException("not a line of mountinfo: " + line);
    }
    return new MountEntry(
        Integer.parseInt(fields[0]),
        Integer.parseInt(fields[1]),
        unescape(fields[3]),
        unescape(fields[4]),
        List.of(fields[5].split(",", -1)),
        Arrays.asList(fields).subList(FIXED_FIELDS, separator),
        fields[separator + 1],
        unescape(fields[separator + 2]),
        List.of(unescape(fields[separator + 3]).split(",", -1)));
  }

  /** Resolves {@code \040} and the like, and decodes UTF-8. */
  private static String unescape(String field) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        out.write(Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        out.write(c);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
