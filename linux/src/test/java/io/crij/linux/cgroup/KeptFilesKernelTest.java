package io.crij.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files of a cgroup of the kernel, in the first hierarchy that the node has. */
@ExtendWith(LeavesNoTrace.class)
class KeptFilesKernelTest {
  private final Path group =
      CgroupFolder.hierarchies().getFirst().resolve("crij-kept-" + ProcessHandle.current().pid());
  private final Path file = group.resolve("cgroup.procs");

  @BeforeEach
  void makeGroup() throws Exception {
    Files.createDirectory(group);
  }

  @AfterEach
  void removeGroup() throws Exception {
    Files.deleteIfExists(group);
  }

  @Test
  void theyKeepNoGroupFromBeingRemoved() throws Exception {
    try (KeptFiles files = new KeptFiles()) {
      assertThat(files.read(file)).isEmpty();
      assertThat(files.read(group.resolve("absent"))).isNull();
      assertThat(files.count()).isEqualTo(1);

      Files.delete(group);

      assertThat(files.read(file)).isNull();
      assertThat(files.count()).isZero();
      Files.createDirectory(group);
      assertThat(files.read(file)).as("of the new group").isEmpty();
    }
  }

  @Test
  void eachReadingIsOfTheMoment() throws Exception {
    Process process = new ProcessBuilder("sleep", "600").start();
    try (KeptFiles files = new KeptFiles()) {
      assertThat(files.read(file)).isEmpty();

      Files.writeString(file, Long.toString(process.pid()));

      assertThat(files.read(file)).isEqualTo(Long.toString(process.pid()));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
