package io.crij.linux.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mapping of this process, see proc_pid_smaps(5).
 *
 * @param start address
 * @param permissions such as {@code r-xp}
 * @param path of the file; empty: none
 * @param residentBytes in memory
 * @param anonymousBytes of pages that are not the file's, or not any more
 */
record Mapping(
    long start,
    long lengthBytes,
    String permissions,
    String path,
    long residentBytes,
    long anonymousBytes) {
  private static final String RESIDENT = "Rss:";
  private static final String ANONYMOUS = "Anonymous:";
  private static final int FIELDS = 6;
  private static final int KIB = 1024;

  /** Whether it is of the files the JVM keeps mapped, read-only, and all pages are the file's. */
  boolean isReleasable() {
    return permissions.startsWith("r-")
        && permissions.endsWith("p")
        && (path.endsWith(".aot") || path.endsWith("/libjvm.so"))
        && anonymousBytes == 0;
  }

  static List<Mapping> read(BufferedReader smaps) throws IOException {
    List<Mapping> all = new ArrayList<>();
    Mapping current = null;
    String line;
    while ((line = smaps.readLine()) != null) {
      if (isHeader(line)) {
        add(current, all);
        current = header(line);
      } else if (current != null && line.startsWith(RESIDENT)) {
        current = current.withResident(kibibytes(line, RESIDENT));
      } else if (current != null && line.startsWith(ANONYMOUS)) {
        current = current.withAnonymous(kibibytes(line, ANONYMOUS));
      }
    }
    add(current, all);
    return all;
  }

  private static void add(@Nullable Mapping mapping, List<Mapping> all) {
    if (mapping != null) {
      all.add(mapping);
    }
  }

  /** Attributes begin with a capital letter, addresses with a digit or a small one. */
  private static boolean isHeader(String line) {
    return !line.isEmpty() && !Character.isUpperCase(line.charAt(0));
  }

  private static Mapping header(String line) {
    String[] fields = line.split(" +", FIELDS);
    String[] addresses = fields[0].split("-", 2);
    long start = Long.parseUnsignedLong(addresses[0], 16);
    long end = Long.parseUnsignedLong(addresses[1], 16);
    // Until it is read, nothing counts as the file's.
    return new Mapping(
        start, end - start, fields[1], fields.length < FIELDS ? "" : fields[5], 0, Long.MAX_VALUE);
  }

  private Mapping withResident(long bytes) {
    return new Mapping(start, lengthBytes, permissions, path, bytes, anonymousBytes);
  }

  private Mapping withAnonymous(long bytes) {
    return new Mapping(start, lengthBytes, permissions, path, residentBytes, bytes);
  }

  private static long kibibytes(String line, String name) {
    String number = line.substring(name.length()).replace("kB", "").strip();
    return Long.parseLong(number) * KIB;
  }
}
