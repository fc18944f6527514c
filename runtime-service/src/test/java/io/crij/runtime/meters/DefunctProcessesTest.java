package io.crij.runtime.meters;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.process.ProcessStat;
import io.crij.linux.testing.Eventually;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefunctProcessesTest {
  @Test
  void aProcessThatNobodyWaitsForIsCounted() throws Exception {
    // What it began is the child of a program that never waits.
    Process parent = new ProcessBuilder("sh", "-c", "true & exec sleep 600").start();
    try {
      Eventually.await("a zombie", () -> hasDefunctChild(parent));

      assertThat(DefunctProcesses.count()).isPositive();
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }

  private static boolean hasDefunctChild(Process parent) {
    List<ProcessHandle> children = parent.children().toList();
    return children.stream()
        .map(child -> ProcessStat.read((int) child.pid()))
        .anyMatch(stat -> stat != null && stat.isZombie());
  }
}
