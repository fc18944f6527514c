package io.crij.runtime.program;

import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a program to its end, with a limit of time and of output. */
public final class CommandLine {
  private static final int OUTPUT_LIMIT = 64 << 10;
  private static final Duration AFTER_KILL = Duration.ofSeconds(5);

  /**
   * How a program ended.
   *
   * @param output what it wrote to both streams, cut at 64 KiB
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
   * @throws ServiceException.DeadlineExceeded when it takes longer; it and its children are killed
   * @throws ServiceException.Internal when it cannot be started
   */
  public static Result run(List<String> command, Duration timeout) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    Process process;
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new ServiceException.Internal("start " + command.getFirst() + ": " + e.getMessage(), e);
    }
    Output output = new Output(process.getInputStream());
    Thread reader = Thread.ofVirtual().name("output of " + command.getFirst()).start(output);
    try {
      if (!process.waitFor(timeout)) {
        throw new ServiceException.DeadlineExceeded(
            String.join(" ", command) + " did not end within " + timeout.toSeconds() + " s");
      }
      // Who still has the pipe open is not waited for.
      reader.join(AFTER_KILL);
      return new Result(process.exitValue(), output.text());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.DeadlineExceeded("interrupted: " + String.join(" ", command), e);
    } finally {
      kill(process);
    }
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      Stream.concat(process.descendants(), Stream.of(process.toHandle()))
          .forEach(ProcessHandle::destroyForcibly);
      try {
        process.waitFor(AFTER_KILL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Reads all, keeps the beginning. */
  private static final class Output implements Runnable {
    private final InputStream in;
    private final StringBuilder text = new StringBuilder();

    Output(InputStream in) {
      this.in = in;
    }

    @Override
    public void run() {
      byte[] buffer = new byte[8192];
      try (in) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          add(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
      } catch (IOException _) {
        // The process was killed; what was read is kept.
      }
    }

    private synchronized void add(String part) {
      text.append(part, 0, Math.min(part.length(), OUTPUT_LIMIT - text.length()));
    }

    synchronized String text() {
      return text.toString();
    }
  }
}
