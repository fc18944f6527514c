package io.crij.e2e.kubernetes;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of the whole machine that a kubelet changes at its start; closed, they are as before.
 */
final class KernelSettings implements Begun.Part {
  // setupKernelTunables in pkg/kubelet/cm/container_manager_linux.go of Kubernetes.
  private static final List<String> NAMES =
      List.of(
          "vm/overcommit_memory",
          "vm/panic_on_oom",
          "kernel/panic",
          "kernel/panic_on_oops",
          "kernel/keys/root_maxkeys",
          "kernel/keys/root_maxbytes");

  private static final int LONGEST = 64;

  private final Map<Path, String> values;

  private KernelSettings(Map<Path, String> values) {
    this.values = values;
  }

  static KernelSettings read() throws IOException {
    Map<Path, String> values = new LinkedHashMap<>();
    for (String name : NAMES) {
      Path file = Path.of("/proc/sys", name);
      values.put(file, value(file));
    }
    return new KernelSettings(values);
  }

  /** What was read, by the files in /proc/sys. */
  Map<Path, String> values() {
    return values;
  }

  @Override
  public void close() throws IOException {
    for (var setting : values.entrySet()) {
      if (!value(setting.getKey()).equals(setting.getValue())) {
        Files.writeString(setting.getKey(), setting.getValue());
      }
    }
  }

  /** Read at once: such a file is at its end after whatever was read first. */
  private static String value(Path file) throws IOException {
    byte[] bytes = new byte[LONGEST];
    try (InputStream in = new FileInputStream(file.toFile())) {
      int length = in.read(bytes);
      if (length < 2 || bytes[length - 1] != '\n') {
        throw new IOException(file + " has no whole value");
      }
      return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }
  }
}
