package io.crij.runtime.program;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.exec.SealedFile;
import io.crij.linux.process.Command;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.ProgramRun;
import io.crij.runtime.ServiceException;
import java.time.Duration;
import java.util.List;

/** Runs a program to its end, with a limit of time and of output. */
public final class CommandLine {
  private static final int MAX_OUTPUT_BYTES = 1 << 20;
  private static final int MAX_ERROR_BYTES = 64 << 10;
  private static final Duration AFTER_END = Duration.ofSeconds(5);

  /**
   * How a program ended.
   *
   * @param output what it wrote to its standard output; if it failed, followed by its standard
   *     error, cut at 64 KiB
   */
  public record Result(int exitCode, String output) {
    public boolean succeeded() {
      return exitCode == 0;
    }
  }

  private CommandLine() {}

  /**
   * Runs it with an environment of {@code PATH} alone.
   *
   * @param command the program's absolute path, then its arguments
   * @throws ServiceException.DeadlineExceeded when it takes longer; it and its children are killed
   * @throws ServiceException.Internal when it cannot be started, or writes more than 1 MiB
   */
  public static Result run(List<String> command, Duration timeout) {
    try (Fd nothing = Fd.open("/dev/null", Fd.O_RDONLY, 0)) {
      return run(command, nothing, timeout);
    }
  }

  /**
   * Runs it with something to read.
   *
   * @param input its standard input
   * @throws ServiceException.DeadlineExceeded as without input
   * @throws ServiceException.Internal as without input
   */
  public static Result run(List<String> command, byte[] input, Duration timeout) {
    try (Fd file = SealedFile.of("input", input)) {
      return run(command, file, timeout);
    }
  }

  private static Result run(List<String> command, Fd input, Duration timeout) {
    ProgramRun.Limits limits =
        new ProgramRun.Limits(timeout, AFTER_END, MAX_OUTPUT_BYTES, MAX_ERROR_BYTES);
    try {
      return result(command, timeout, ProgramRun.run(Command.of(command), input, limits));
    } catch (LinuxException e) {
      throw new ServiceException.Internal("start " + command.getFirst() + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.DeadlineExceeded("interrupted: " + String.join(" ", command), e);
    }
  }

  private static Result result(List<String> command, Duration timeout, ProgramRun.Ended ended) {
    if (ended.isCut()) {
      throw new ServiceException.Internal(
          command.getFirst() + " wrote more than " + MAX_OUTPUT_BYTES + " bytes");
    }
    ExitStatus status = ended.status();
    if (status == null) {
      throw new ServiceException.DeadlineExceeded(
          String.join(" ", command) + " did not end within " + timeout.toSeconds() + " s");
    }
    String output = status.isSuccess() ? ended.output() : ended.output() + ended.error();
    return new Result(status.shellCode(), output);
  }
}
