package io.crij.linux.cgroup;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of a group that are read again and again. They stay open: the kernel takes ten times as
 * long to open one as to read it. That keeps no group from being removed; then nothing can be read
 * of it any more. For one thread at a time.
 */
public final class KeptFiles implements AutoCloseable {
  /** More than any of these files has; the JDK reads so much without memory of its own. */
  private static final int BUFFER_BYTES = 8192;

  private final Map<Path, RandomAccessFile> open = new HashMap<>();

  /**
   * The content without space around it; null when there is no such file, or its group is gone.
   *
   * @param path with a file of the kernel, whose content is made when it is read from its beginning
   */
  public @Nullable String read(Path path) {
    RandomAccessFile kept = open.get(path);
    if (kept != null) {
      try {
        kept.seek(0);
        return content(kept);
      } catch (IOException _) {
        // ENODEV: the group was removed, and perhaps made anew.
        open.remove(path);
        close(kept);
      }
    }
    return openAndRead(path);
  }

  private @Nullable String openAndRead(Path path) {
    if (!Files.exists(path)) {
      return null;
    }
    try {
      RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
      open.put(path, file);
      return content(file);
    } catch (IOException _) {
      return null; // it is gone since
    }
  }

  private static String content(RandomAccessFile file) throws IOException {
    byte[] content = new byte[BUFFER_BYTES];
    int length = Math.max(0, file.read(content));
    while (length == content.length) {
      content = Arrays.copyOf(content, 2 * length);
      length += Math.max(0, file.read(content, length, length));
    }
    return new String(content, 0, length, StandardCharsets.US_ASCII).strip();
  }

  /** How many are open. */
  public int count() {
    return open.size();
  }

  /** Closes them; those that are read afterwards are opened again. */
  @Override
  public void close() {
    open.values().forEach(KeptFiles::close);
    open.clear();
  }

  private static void close(RandomAccessFile file) {
    try {
      file.close();
    } catch (IOException _) {
      // Nothing was written.
    }
  }
}
