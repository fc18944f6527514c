package io.crij.runtime.oci.mounts;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Fault F-11. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
class HostPathsKernelTest {
  @TempDir Path folder;

  @Test
  void whatDoesNotAnswerCostsOneThreadAndIsBounded() throws Exception {
    HostPaths paths = new HostPaths(Duration.ofMillis(500), 2);
    Path dead = Files.createDirectory(folder.resolve("dead"));
    Path other = Files.createDirectory(folder.resolve("other"));
    try (DeadFileSystem _ = DeadFileSystem.mount(dead)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> paths.real(dead.resolve("x"), true))
            .isInstanceOf(ServiceException.DeadlineExceeded.class)
            .hasMessageContaining(dead.toString());
      }
      assertThat(standing()).isEqualTo(1);
      assertThatThrownBy(() -> paths.real(dead.resolve("y"), true))
          .isInstanceOf(ServiceException.DeadlineExceeded.class);
      assertThatThrownBy(() -> paths.real(other, true))
          .isInstanceOf(ServiceException.ResourceExhausted.class);
    }
    await("that none stands still", () -> standing() == 0);
    assertThat(paths.real(other, true)).isEqualTo(other.toRealPath());
    assertThat(paths.real(dead.resolve("x"), true)).isDirectory();
  }

  private static long standing() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("host-path"))
        .count();
  }
}
