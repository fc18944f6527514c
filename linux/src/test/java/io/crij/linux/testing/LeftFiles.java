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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files in the places that instances share; in a private root, sockets and address reservations.
 */
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

  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-f:]*:[0-9a-f:]*");

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
      Files.walkFileTree(scope.home().path(), new SpecialFiles(scope.home(), found));
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
    private final PrivateRoot home;
    private final List<Trace> found;

    SpecialFiles(PrivateRoot home, List<Trace> found) {
      this.home = home;
      this.found = found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      // Device nodes and FIFOs of an unpacked layer are its content.
      if (attributes.isOther() && isSocket(file)) {
        found.add(new Trace(Trace.Kind.FILE, file + " (socket)"));
      } else if (isReservation(file)) {
        found.add(new Trace(Trace.Kind.FILE, file + " (reserved address)"));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    /** host-local keeps a file for each address in use, in a folder named as the network. */
    private boolean isReservation(Path file) {
      String network = Proc.name(file.resolve("..").normalize());
      return network.equals(home.networkName()) && ADDRESS.matcher(Proc.name(file)).matches();
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
