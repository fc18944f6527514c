package io.crij.runtime.oci.mounts;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks up paths of the node that a request names. A file system whose server is gone never
 * answers: each path has a thread of its own, which stands still with it, and nobody else does. Who
 * asks again for such a path waits for the same thread.
 */
public final class HostPaths {
  private static final Path ROOT = Path.of("/");

  /** Half of what a kubelet waits for. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Paths that may stand still. */
  private static final int MOST = 256;

  /** What stands still is the node's, whoever asks. */
  public static final HostPaths NODE = new HostPaths(LIMIT, MOST);

  private final Duration limit;
  private final int most;
  private final Map<Wanted, FutureTask<Path>> underWay = new ConcurrentHashMap<>();

  private record Wanted(Path root, Path path, boolean made) {}

  HostPaths(Duration limit, int most) {
    this.limit = limit;
    this.most = most;
  }

  /**
   * The real path, so that a link is followed once, by us.
   *
   * @param root what the path is looked up below, and what its links end at
   * @param made whether a directory is made where nothing is
   * @throws NoSuchFileException when nothing is there
   * @throws ServiceException.DeadlineExceeded when the file system does not answer
   * @throws ServiceException.ResourceExhausted when too many others do not
   */
  public Path real(Path root, Path path, boolean made) throws IOException {
    Wanted wanted = new Wanted(root, path, made);
    FutureTask<Path> own =
        new FutureTask<>(
            () -> root.equals(ROOT) ? lookUp(path, made) : lookUpBelow(root, path, made));
    FutureTask<Path> first = underWay.putIfAbsent(wanted, own);
    if (first == null) {
      begin(wanted, own);
    }
    return await(path, first == null ? own : first);
  }

  private void begin(Wanted wanted, FutureTask<Path> lookUp) {
    if (underWay.size() > most) {
      underWay.remove(wanted, lookUp);
      throw new ServiceException.ResourceExhausted(
          wanted.path()
              + ": not looked up, for "
              + most
              + " other paths of the node do not answer");
    }
    Thread.ofPlatform()
        .daemon()
        .name("host-path")
        .start(() -> {
          lookUp.run();
          underWay.remove(wanted, lookUp);
        });
  }

  /** As {@link #real(Path, Path, boolean)}, from the root that crijd itself has. */
  public Path real(Path path, boolean made) throws IOException {
    return real(ROOT, path, made);
  }

  private static Path lookUp(Path path, boolean made) throws IOException {
    try {
      return path.toRealPath();
    } catch (NoSuchFileException missing) {
      if (!made) {
        throw missing;
      }
      return Files.createDirectories(path).toRealPath();
    }
  }

  private static Path lookUpBelow(Path root, Path path, boolean made) throws IOException {
    BytePath below = BytePath.of(path.toString());
    try (Tree tree = Tree.open(root)) {
      try (Fd found = tree.open(below, Fd.O_PATH)) {
        return Files.readSymbolicLink(Path.of(found.procPath()));
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOENT) {
          throw new IOException(e.getMessage(), e);
        }
      }
      if (!made) {
        throw new NoSuchFileException(path.toString());
      }
      try (Directory folder = tree.makeDirectories(below, _ -> {})) {
        return Files.readSymbolicLink(Path.of(folder.fd().procPath()));
      }
    }
  }

  private Path await(Path path, FutureTask<Path> lookUp) throws IOException {
    try {
      return lookUp.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ServiceException.DeadlineExceeded(
          path + ": its file system does not answer within " + limit.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.DeadlineExceeded("interrupted: look up " + path, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }
}
