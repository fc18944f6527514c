package io.crij.runtime.oci;

import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import io.crij.runtime.program.CommandLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds out whether an OCI runtime can run containers on this node, by running one: its version is
 * no proof (crun 1.8 lists itself on a hybrid of cgroup v1 and v2, and then refuses it).
 *
 * <p>The container sees the node's programs and libraries, read-only, and runs {@code true}; where
 * there is none, the OCI runtime itself, asked for its version: the one program that is surely
 * there.
 */
final class RuntimeProbe {
  private static final Logger log = LoggerFactory.getLogger(RuntimeProbe.class);

  private static final String PROGRAM = "/probe";
  private static final List<Path> FOLDERS =
      Stream.of(
              "/bin", "/sbin", "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix",
              "/gnu")
          .map(Paths::get)
          .toList();
  private static final List<Path> DOES_NOTHING =
      Stream.of("/bin/true", "/usr/bin/true").map(Paths::get).toList();

  private final OciRuntime runtime;
  private final Path folder;
  private final String cgroupPath;

  /**
   * @param folder for the bundle; removed afterwards
   * @param cgroupPath of the container, below the mount point of each controller
   */
  RuntimeProbe(OciRuntime runtime, Path folder, String cgroupPath) {
    this.runtime = runtime;
    this.folder = folder;
    this.cgroupPath = cgroupPath;
  }

  /**
   * Empty if it can; else why not.
   *
   * @throws ServiceException.DeadlineExceeded when it takes longer
   */
  String failure(Duration limit) {
    if (!Files.isExecutable(runtime.program())) {
      return runtime.program() + " is not an executable file";
    }
    String id = folder.getFileName().toString();
    // What a probe that was cut short has left would make this one fail.
    cleanUp(id);
    try {
      runtime.prepare();
      if (runtime.isKnown(id)) {
        // Of a probe that was cut short.
        runtime.delete(id);
      }
      Files.createDirectories(folder.resolve("rootfs"));
      Files.writeString(
          folder.resolve("config.json"), specification().toString(), StandardCharsets.UTF_8);
      CommandLine.Result result = runtime.runToEnd(id, folder, cgroupPath, limit);
      return result.succeeded() ? "" : RuntimeMessage.of(result);
    } catch (ServiceException.DeadlineExceeded e) {
      throw e;
    } catch (IOException | ServiceException e) {
      return String.valueOf(e.getMessage());
    } finally {
      cleanUp(id);
    }
  }

  private void cleanUp(String id) {
    try {
      if (runtime.isKnown(id)) {
        runtime.delete(id);
      }
      if (Files.exists(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException | ServiceException e) {
      log.warn("cannot remove what the probe of {} left: {}", runtime.program(), e.getMessage());
    }
  }

  private ObjectNode specification() {
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    spec.put("ociVersion", "1.0.2");
    ObjectNode process = spec.putObject("process");
    process.putObject("user").put("uid", 0).put("gid", 0);
    // "true" minds no argument.
    process.putArray("args").add(PROGRAM).add("--version");
    // youki wants it.
    process.putArray("env").add("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    process.put("cwd", "/");
    process.put("noNewPrivileges", true);
    ObjectNode root = spec.putObject("root");
    root.put("path", "rootfs");
    ArrayNode mounts = spec.putArray("mounts");
    mount(mounts, "/proc", "proc", "proc");
    mount(mounts, "/dev", "tmpfs", "tmpfs");
    bind(mounts, PROGRAM, program());
    for (Path shown : FOLDERS) {
      if (Files.isDirectory(shown)) {
        bind(mounts, shown.toString(), shown);
      }
    }
    ObjectNode linux = spec.putObject("linux");
    linux.put("cgroupsPath", PodCgroups.forRuntime(cgroupPath));
    ArrayNode namespaces = linux.putArray("namespaces");
    for (String type : List.of("mount", "pid", "ipc", "uts", "network")) {
      namespaces.addObject().put("type", type);
    }
    linux
        .putObject("resources")
        .putArray("devices")
        .addObject()
        .put("allow", false)
        .put("access", "rwm");
    return spec;
  }

  private Path program() {
    return DOES_NOTHING.stream().filter(Files::isExecutable).findFirst().orElse(runtime.program());
  }

  private static ObjectNode mount(
      ArrayNode mounts, String destination, String type, String source) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", destination);
    mount.put("type", type);
    mount.put("source", source);
    return mount;
  }

  private static void bind(ArrayNode mounts, String destination, Path source) {
    mount(mounts, destination, "bind", source.toString())
        .putArray("options")
        .add("bind")
        .add("ro")
        .add("nosuid")
        .add("nodev");
  }
}
