package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EarlySignalTest {
  private final Process shell = start();
  private final BufferedReader output = shell.inputReader();

  @AfterEach
  void end() throws InterruptedException {
    shell.destroyForcibly().waitFor();
  }

  @Test
  void isDueOnceWhenAHandlerAppears() throws IOException {
    EarlySignal early = new EarlySignal(process(), Signals.SIGTERM);
    assertThat(early.isDue()).isFalse();

    catchTerm();
    assertThat(early.isDue()).isTrue();
    assertThat(early.isDue()).isFalse();
  }

  @Test
  void isDueWhateverTheProcessCallsItself() throws IOException {
    EarlySignal early = new EarlySignal(process(), Signals.SIGTERM);
    shell.outputWriter().append("printf '\\377\\376' > /proc/self/comm\n").flush();
    catchTerm();
    assertThat(early.isDue()).isTrue();
  }

  @Test
  void isNeverDueWhenItWasHeard() throws IOException {
    catchTerm();
    assertThat(new EarlySignal(process(), Signals.SIGTERM).isDue()).isFalse();
  }

  @Test
  void isDueWhenAnotherProgramTookTheHandlersPlace() throws IOException {
    catchTerm();
    EarlySignal early = new EarlySignal(process(), Signals.SIGTERM);
    shell.outputWriter().append("exec bash -c 'echo executed; exec bash'\n").flush();
    assertThat(output.readLine()).isEqualTo("executed");
    assertThat(early.isDue()).isFalse();

    catchTerm();
    assertThat(early.isDue()).isTrue();
    assertThat(early.isDue()).isFalse();
  }

  @Test
  void isNeverDueOfAnotherSignalOrForTheDead() throws Exception {
    EarlySignal other = new EarlySignal(process(), Signals.SIGKILL);
    EarlySignal dead = new EarlySignal(process(), Signals.SIGTERM);
    catchTerm();
    assertThat(other.isDue()).isFalse();
    end();
    assertThat(dead.isDue()).isFalse();
  }

  private static Process start() {
    try {
      return new ProcessBuilder("sh").start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private ProcessId process() {
    return Objects.requireNonNull(ProcessId.find((int) shell.pid()));
  }

  private void catchTerm() throws IOException {
    shell.outputWriter().append("trap 'echo heard' TERM; echo ready\n").flush();
    assertThat(output.readLine()).isEqualTo("ready");
  }
}
