package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.NodeFiles;
import io.crij.e2e.program.Command;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code make run} and {@code make stop} run, on private folders. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class RunAndStopKernelTest {
  private static final String HELLO = "Hello from a pod of CRI-J: hello, ";

  @Test
  void aNodeIsStartedAndStopped(PrivateRoot home, Registry registry) throws Exception {
    try (NodeFiles files = NodeFiles.create(home, registry, "")) {
      Map<String, String> variables = variables(files, "docker.io/library/busybox:latest");
      Command run = script("run.sh").with(variables);
      Command stop = script("stop.sh").with(variables);
      try {
        assertThat(run.run().output()).contains("crij: ready", HELLO, "make stop");
        assertThat(run.run().output()).contains("already up", "is there already", HELLO);
      } finally {
        assertThat(stop.run().output()).contains("crij: stopped");
      }
      assertThat(home.runroot()).doesNotExist();
      assertThat(home.root()).isNotEmptyDirectory();
      assertThat(stop.run().output()).contains("not up");
    }
  }

  @Test
  void withoutARegistryTheHostsBusyboxIsRunAndAKilledCrijdIsClearedUp(
      PrivateRoot home, Registry registry) throws Exception {
    try (NodeFiles files = NodeFiles.create(home, registry, "")) {
      Map<String, String> variables = variables(files, "registry.invalid/busybox:1");
      try {
        assertThat(script("run.sh").with(variables).run().output())
            .contains("no registry answers for registry.invalid/busybox:1", HELLO);
        String pid = Files.readString(home.runroot().resolve("crijd.lock")).strip();
        Command.of("kill", "-KILL", pid).run();
      } finally {
        assertThat(script("stop.sh").with(variables).run().output()).contains("crij: stopped");
      }
      assertThat(home.runroot()).doesNotExist();
    }
  }

  private static Command script(String name) {
    return Command.of(Path.of("..", "build", name).toString());
  }

  private static Map<String, String> variables(NodeFiles files, String image) {
    PrivateRoot home = files.home();
    return Map.of(
        "CRIJ_ROOT", home.root().toString(),
        "CRIJ_RUNROOT", home.runroot().toString(),
        "CRIJ_LOGS", home.resolve("log").toString(),
        "CRIJ_CONFIG", files.config().toString(),
        "IMAGE", image);
  }
}
