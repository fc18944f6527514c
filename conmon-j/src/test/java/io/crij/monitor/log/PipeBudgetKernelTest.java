package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.io.Pipe;
import io.crij.linux.testing.LeavesNoTrace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class PipeBudgetKernelTest {
  /** What a process gets that may not use more than its user's share. */
  private static final int USUAL_BYTES = 64 * 1024;

  @Test
  void thePipesOf500ContainersLeaveOthersTheirs() throws Exception {
    assertThat(pipeOfAnother()).isEqualTo(USUAL_BYTES);
    PipeBudget budget = new PipeBudget();
    List<Pipe> pipes = new ArrayList<>();
    try {
      for (int i = 0; i < 1000; i++) {
        pipes.add(PipeBudget.open());
      }
      for (Pipe pipe : pipes) {
        int capacity = budget.adopt(pipe.read());
        assertThat(capacity).isEqualTo(PipeBudget.QUIET_BYTES);
        budget.grow(pipe.read(), budget.grow(pipe.read(), capacity));
      }
      assertThat(pipes.stream().filter(pipe -> Pipe.capacity(pipe.read()) > USUAL_BYTES))
          .isNotEmpty();
      assertThat(pipeOfAnother()).isEqualTo(USUAL_BYTES);
    } finally {
      pipes.forEach(Pipe::close);
    }
  }

  /** The size of a pipe made by root without the capabilities that lift the limit. */
  private static int pipeOfAnother() throws Exception {
    Process process =
        new ProcessBuilder(
                "/usr/bin/setpriv",
                "--bounding-set=-sys_admin,-sys_resource",
                "--inh-caps=-sys_admin,-sys_resource",
                "/bin/sh",
                "-c",
                "sleep 1000 | { read -r _; }")
            .start();
    try {
      for (int i = 0; i < 500; i++) {
        for (ProcessHandle child : process.descendants().toList()) {
          String stdout = "/proc/" + child.pid() + "/fd/1";
          if (child.info().command().orElse("").endsWith("sleep")) {
            try (Fd pipe = Fd.open(stdout, Fd.O_WRONLY | Fd.O_NONBLOCK, 0)) {
              return Pipe.capacity(pipe);
            }
          }
        }
        Thread.sleep(20);
      }
      throw new AssertionError("no pipe was made");
    } finally {
      List<ProcessHandle> children = process.descendants().toList();
      children.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.waitFor();
      for (ProcessHandle child : children) {
        child.onExit().join();
      }
    }
  }
}
