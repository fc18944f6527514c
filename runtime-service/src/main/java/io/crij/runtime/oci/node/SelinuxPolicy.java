package io.crij.runtime.oci.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What SELinux's policy says of containers (selinux_lxc_contexts_path(3)).
 *
 * @param process the label of their processes
 * @param file the label of their files
 */
public record SelinuxPolicy(String process, String file) {
  // Of the reference policy, where the node's own says nothing.
  private static final String PROCESS = "system_u:system_r:container_t:s0";
  private static final String FILE = "system_u:object_r:container_file_t:s0";

  private static final Pattern TYPE =
      Pattern.compile("(?m)^\\s*SELINUXTYPE\\s*=\\s*([A-Za-z0-9_.-]+)\\s*$");

  /**
   * That of the node; null when its kernel has no SELinux, or has it switched off.
   *
   * @param root where {@code sys} and {@code etc} are
   */
  public static @Nullable SelinuxPolicy read(Path root) {
    if (!Files.exists(root.resolve("sys/fs/selinux/enforce"))) {
      return null;
    }
    Matcher type = TYPE.matcher(text(root.resolve("etc/selinux/config")));
    String contexts =
        type.find()
            ? text(root.resolve("etc/selinux/" + type.group(1) + "/contexts/lxc_contexts"))
            : "";
    return new SelinuxPolicy(entry(contexts, "process", PROCESS), entry(contexts, "file", FILE));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException _) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String entry(String contexts, String name, String absent) {
    Matcher entry = Pattern.compile("(?m)^\\s*" + name + "\\s*=\\s*\"([^\"]+)\"").matcher(contexts);
    return entry.find() ? entry.group(1) : absent;
  }
}
