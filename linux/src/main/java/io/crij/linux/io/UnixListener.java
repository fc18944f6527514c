package io.crij.linux.io;

import com.sun.jna.Memory;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** A listening unix stream socket, mode 0600. */
public final class UnixListener implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final int SOCK_NONBLOCK = 0x800;

  private final Fd fd;
  private final Path path;

  private UnixListener(Fd fd, Path path) {
    this.fd = fd;
    this.path = path;
  }

  /**
   * Listens at {@code path}, of any length, in place of a socket that is there: whether its owner
   * lives must be known before. The directory must be our own (0700), because the socket gets its
   * mode only after it was made; nothing can connect before that, since it does not listen yet.
   */
  public static UnixListener bind(Path path) {
    Fd fd = UnixSocket.create();
    try (Fd directory = Fd.open(UnixSocket.directory(path), Fd.O_PATH | Fd.O_DIRECTORY, 0);
        Memory address = UnixSocket.address(path, directory)) {
      Files.deleteIfExists(path);
      if (IoLibrary.bind(fd.number(), address, (int) address.size()) != 0) {
        throw LinuxException.last("bind", path.toString());
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      if (IoLibrary.listen(fd.number(), BACKLOG) != 0) {
        throw LinuxException.last("listen", path.toString());
      }
      Descriptors.setNonBlocking(fd);
      return new UnixListener(fd, path);
    } catch (IOException e) {
      fd.close();
      throw new UncheckedIOException("bind " + path + ": " + e.getMessage(), e);
    } catch (LinuxException e) {
      fd.close();
      throw e;
    }
  }

  /** Takes ownership of a descriptor that listens at {@code path}, and came from elsewhere. */
  public static UnixListener owning(Fd fd, Path path) {
    return new UnixListener(fd, path);
  }

  public Fd fd() {
    return fd;
  }

  /** The next connection; null when none waits. */
  public @Nullable UnixSocket accept() {
    int accepted = IoLibrary.accept4(fd.number(), 0, 0, UnixSocket.SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) {
      return new UnixSocket(Fd.owning(accepted));
    }
    LinuxException failure = LinuxException.last("accept", path.toString());
    if (failure.errno() == Errno.EAGAIN || failure.errno() == Errno.EINTR) {
      return null;
    }
    throw failure;
  }

  /** Stops listening, and removes the socket's path. */
  @Override
  public void close() {
    fd.close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + path + ": " + e.getMessage(), e);
    }
  }
}
