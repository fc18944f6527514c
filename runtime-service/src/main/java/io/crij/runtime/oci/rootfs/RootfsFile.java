package io.crij.runtime.oci.rootfs;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads a file of a root file system: regular, below the root, not larger than a limit. */
final class RootfsFile {
  /** containerd's. */
  private static final int SIZE_LIMIT = 10 << 20;

  private RootfsFile() {}

  /**
   * The content; empty if there is no such file.
   *
   * @throws ServiceException.InvalidArgument for anything but a regular file, and for a large one
   */
  static byte[] read(Tree tree, String path) {
    // O_PATH touches nothing: a device or FIFO is not opened before it is known for what it is.
    try (Fd found = tree.open(BytePath.of(path), Fd.O_PATH)) {
      Path opened = Path.of(found.procPath());
      if (!Files.isRegularFile(opened)) {
        throw new ServiceException.InvalidArgument(path + " of the image is not a regular file");
      }
      return content(opened, path);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return new byte[0];
      }
      throw new ServiceException.InvalidArgument(path + " of the image: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ServiceException.Internal("read " + path + " of the image: " + e.getMessage(), e);
    }
  }

  private static byte[] content(Path opened, String path) throws IOException {
    try (SeekableByteChannel in = Files.newByteChannel(opened)) {
      if (in.size() > SIZE_LIMIT) {
        throw new ServiceException.InvalidArgument(
            path + " of the image is larger than " + SIZE_LIMIT + " bytes");
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) in.size());
      while (buffer.hasRemaining() && in.read(buffer) >= 0) {}
      return buffer.hasRemaining()
          ? Arrays.copyOf(buffer.array(), buffer.position())
          : buffer.array();
    }
  }
}
