package io.crij.runtime.cni;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.exec.SealedFile;
import io.crij.linux.process.Command;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.ProgramRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One run of a plugin's program, bounded in time and output. It has nothing of this process but its
 * three streams: no descriptor, no signal mask, and the limits that the node gives.
 */
final class PluginProcess {
  /**
   * @param error the beginning of its standard error
   */
  record Output(int exitCode, String output, String error) {}

  private static final int MAX_OUTPUT_BYTES = 1 << 20;
  private static final int MAX_ERROR_BYTES = 16 << 10;
  // For what is still in the pipes when the program has ended.
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private final Path program;
  private final Map<String, String> environment;
  private final Duration limit;

  /**
   * @param environment the whole of it
   */
  PluginProcess(Path program, Map<String, String> environment, Duration limit) {
    this.program = program;
    this.environment = environment;
    this.limit = limit;
  }

  /**
   * Runs it. When this throws, neither the program nor a child of it is running.
   *
   * @throws CniException when it cannot be started, does not end in time, or writes too much
   */
  Output run(byte[] input) {
    // Not a pipe: nobody has to write while it reads, and it need not read.
    try (Fd in = SealedFile.of("cni-input", input)) {
      return output(
          ProgramRun.run(
              command(),
              in,
              new ProgramRun.Limits(limit, DRAIN, MAX_OUTPUT_BYTES, MAX_ERROR_BYTES)));
    } catch (LinuxException e) {
      throw new CniException("cannot be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CniException("was interrupted", e);
    }
  }

  private Command command() {
    List<String> variables =
        environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    return new Command(List.of(program.toString()), variables, "/", true);
  }

  private Output output(ProgramRun.Ended ended) {
    if (ended.isCut()) {
      throw new CniException("wrote more than " + MAX_OUTPUT_BYTES + " bytes");
    }
    ExitStatus status = ended.status();
    if (status == null) {
      throw new CniException("did not end within " + limit.toSeconds() + " s and was killed");
    }
    if (ended.isHeld()) {
      throw new CniException("has ended, but left a process that holds its output");
    }
    return new Output(status.shellCode(), ended.output(), ended.error().strip());
  }
}
