package io.crij.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * One instance for a directory: {@code crijd.lock} in it is locked while crijd lives and holds its
 * pid. The kernel drops the lock with the process, so a file left behind means nothing.
 */
final class InstanceLock implements AutoCloseable {
  static final String NAME = "crijd.lock";

  private final FileChannel file;

  private InstanceLock(FileChannel file) {
    this.file = file;
  }

  /**
   * @throws StartException if another instance has the directory
   */
  static InstanceLock take(Path directory) {
    Path path = directory.resolve(NAME);
    try {
      FileChannel file =
          FileChannel.open(
              path,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      if (file.tryLock() == null) {
        String pid = read(file);
        file.close();
        throw new StartException(
            StartException.Reason.ALREADY_RUNNING,
            "already running for " + directory + " as pid " + pid);
      }
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      file.truncate(0);
      file.write(ByteBuffer.wrap(pid), 0);
      return new InstanceLock(file);
    } catch (IOException e) {
      throw new StartException("lock " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException _) {
      // The kernel drops the lock all the same.
    }
  }

  private static String read(FileChannel file) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(20);
    file.read(content, 0);
    return new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
  }
}
