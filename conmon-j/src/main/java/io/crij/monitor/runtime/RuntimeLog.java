package io.crij.monitor.runtime;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The log that an OCI runtime writes with {@code --log-format json}: a JSON object a line, with
 * {@code level} and {@code msg}.
 */
final class RuntimeLog {
  private static final int MAX_BYTES = 64 * 1024;

  private RuntimeLog() {}

  /** The messages of level error or fatal, joined by "; "; empty if there are none. */
  static String errors(Path file) {
    List<String> errors = new ArrayList<>();
    for (String line : tail(file).split("\n")) {
      String level = JsonText.field(line, "level");
      if (level.equals("error") || level.equals("fatal")) {
        errors.add(JsonText.field(line, "msg"));
      }
    }
    return String.join("; ", errors);
  }

  private static String tail(Path file) {
    try (Fd fd = Fd.open(file.toString(), Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0)) {
      NativeBuffer buffer = NativeBuffer.allocate(MAX_BYTES);
      long from = Math.max(0, Descriptors.size(fd) - MAX_BYTES);
      byte[] bytes = new byte[Descriptors.readAt(fd, from, buffer, MAX_BYTES)];
      buffer.bytes().get(0, bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (LinuxException _) {
      // Not written: the runtime failed before it came so far.
      return "";
    }
  }
}
