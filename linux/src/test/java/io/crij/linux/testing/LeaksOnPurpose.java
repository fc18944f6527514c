package io.crij.linux.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Of a name that the build does not take for a test's: one of these fails, as it should. */
@ExtendWith(LeavesNoTrace.class)
final class LeaksOnPurpose {
  static final String NOTE = "crij-private-root-" + ProcessHandle.current().pid();

  @Test
  void cleansUp(PrivateRoot home) throws Exception {
    Process process = new ProcessBuilder("sleep", "602").directory(home.path().toFile()).start();
    process.destroyForcibly().waitFor();
  }

  @Test
  void leavesAProcess(PrivateRoot home) throws IOException {
    new ProcessBuilder("sleep", "602").directory(home.path().toFile()).start();
  }

  @Test
  void leavesFilesInItsRoot(PrivateRoot home) throws IOException {
    Files.writeString(home.resolve("file"), "left");
    Files.createDirectories(home.runroot().resolve("sandboxes"));
    Files.writeString(Path.of(System.getProperty("java.io.tmpdir"), NOTE), home.path().toString());
  }
}
