package io.crij.e2e.kubernetes;

import io.crij.e2e.program.Eventually;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The cgroup below which a kubelet makes those of its pods, in every hierarchy of the node. A
 * kubelet wants it to be there, and leaves its own cgroups when it ends.
 */
final class CgroupRoot implements Begun.Part {
  private static final Path TOP = Path.of("/sys/fs/cgroup");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String name;
  private final List<Path> folders;

  private CgroupRoot(String name, List<Path> folders) {
    this.name = name;
    this.folders = folders;
  }

  static CgroupRoot create(PrivateRoot home) throws IOException {
    String name = home.cgroup() + "-pods";
    List<Path> folders = new ArrayList<>();
    for (Path hierarchy : hierarchies()) {
      folders.add(Files.createDirectories(hierarchy.resolve(name.substring(1))));
    }
    return new CgroupRoot(name, folders);
  }

  /** As the kubelet's {@code cgroupRoot}. */
  String name() {
    return name;
  }

  @Override
  public void close() {
    for (Path folder : folders) {
      Eventually.holds(
          PATIENCE, () -> isRemoved(folder), () -> "processes are left below " + folder);
    }
  }

  private static List<Path> hierarchies() throws IOException {
    if (Files.exists(TOP.resolve("cgroup.controllers"))) {
      return List.of(TOP);
    }
    try (Stream<Path> entries = Files.list(TOP)) {
      // cpu and cpuacct are links to the hierarchy of both.
      return entries.filter(e -> Files.isDirectory(e, LinkOption.NOFOLLOW_LINKS)).toList();
    }
  }

  private static boolean isRemoved(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> cgroups =
          tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
      for (Path cgroup : cgroups) {
        Files.delete(cgroup);
      }
      return true;
    } catch (NoSuchFileException e) {
      return !Files.exists(folder);
    } catch (IOException | UncheckedIOException e) {
      // A process is still in it, or something was removed while we looked.
      return false;
    }
  }
}
