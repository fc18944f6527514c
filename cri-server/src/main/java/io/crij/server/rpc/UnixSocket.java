package io.crij.server.rpc;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A listening socket's place in the file system. It is bound in a private folder, given its mode
 * there and then moved to its path: nobody can connect before the mode is right, and a stale socket
 * is replaced without a moment in which there is none.
 */
public final class UnixSocket {
  private final Path path;
  private final String mode;
  private final Path folder;
  private int uid;
  private int gid;

  /**
   * @param mode as in {@code rw-rw----}
   */
  public UnixSocket(Path path, String mode) {
    this.path = path;
    this.mode = mode;
    // Always the same: one that a crash has left is found again.
    this.folder = path.resolveSibling("." + path.getFileName() + ".new");
  }

  /** Gives it to others than root, which is whose it is else. */
  public UnixSocket ownedBy(int user, int group) {
    uid = user;
    gid = group;
    return this;
  }

  /**
   * Where to bind.
   *
   * @throws IOException also if something that is no stale socket is at the path
   */
  public Path prepare() throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      requireStale();
    }
    if (!Files.isDirectory(path.resolveSibling("."))) {
      throw new IOException("socket " + path + ": its directory does not exist");
    }
    Files.deleteIfExists(folder.resolve("s"));
    Files.deleteIfExists(folder);
    Files.createDirectory(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    return folder.resolve("s");
  }

  /** Makes the bound socket reachable. */
  public void publish() throws IOException {
    Path bound = folder.resolve("s");
    Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(mode));
    if (uid != 0 || gid != 0) {
      Files.setAttribute(bound, "unix:uid", uid);
      Files.setAttribute(bound, "unix:gid", gid);
    }
    Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
    Files.delete(folder);
  }

  public void remove() throws IOException {
    Files.deleteIfExists(path);
  }

  private void requireStale() throws IOException {
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      throw new IOException(path + " exists and is not a socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      if (probe.connect(UnixDomainSocketAddress.of(path))) {
        throw new IOException("another program listens on " + path);
      }
    } catch (ConnectException _) {
      // Refused: whoever listened here is gone.
    }
  }
}
