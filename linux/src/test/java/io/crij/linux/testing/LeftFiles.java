package io.crij.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files in the places that instances share, and what in a private root is not a plain file. */
final class LeftFiles {
  private static final List<Path> SHARED =
      List.of(
          Path.of("/run/netns"),
          Path.of("/run/crij"),
          Path.of("/run/runc"),
          Path.of("/run/crun"),
          Path.of("/var/lib/crij"),
          Path.of("/var/lib/cni/networks"),
          Path.of("/var/lib/cni/results"),
          Path.of("/var/log/pods"),
          Path.of("/dev/shm"));

  private LeftFiles() {}

  static List<Trace> scan(Scope scope) {
    List<Trace> found = new ArrayList<>();
    if (scope.alone()) {
      for (Path folder : SHARED) {
        for (Path entry : Proc.list(folder)) {
          found.add(new Trace(Trace.Kind.FILE, entry.toString()));
          // Reservations of host-local lie one deeper.
          Proc.list(entry).forEach(e -> found.add(new Trace(Trace.Kind.FILE, e.toString())));
        }
      }
    }
    try {
      Files.walkFileTree(scope.home().path(), new SpecialFiles(found));
    } catch (IOException e) {
      throw new UncheckedIOException("walk " + scope.home().path(), e);
    }
    return found;
  }

  /** Deletes a folder in which nothing is mounted. */
  static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                throws IOException {
              Files.delete(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + folder, e);
    }
  }

  private static final class SpecialFiles extends SimpleFileVisitor<Path> {
    private final List<Trace> found;

    SpecialFiles(List<Trace> found) {
      this.found = found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      // Device nodes and FIFOs of an unpacked layer are its content.
      if (attributes.isOther() && isSocket(file)) {
        found.add(new Trace(Trace.Kind.FILE, file + " (socket)"));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    private static boolean isSocket(Path file) {
      try {
        int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & 0xF000) == 0xC000;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
