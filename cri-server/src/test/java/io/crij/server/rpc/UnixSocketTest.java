package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixSocketTest {
  @TempDir private Path folder;

  /** In a container the next crijd may well have the pid of the one that was killed. */
  @Test
  void whatACrashLeftIsReplaced() throws Exception {
    Path path = folder.resolve("crij.sock");
    Files.createFile(new UnixSocket(path, "rw-------").prepare());

    UnixSocket next = new UnixSocket(path, "rw-------");
    Files.createFile(next.prepare());
    next.publish();

    assertThat(folder.toFile().list()).containsExactly("crij.sock");
  }
}
