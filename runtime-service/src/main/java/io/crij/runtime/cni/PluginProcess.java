package io.crij.runtime.cni;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of a plugin's program, bounded in time and output. */
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
   * Runs it. When this returns or throws, neither the program nor a child of it is running.
   *
   * @throws CniException when it cannot be started, does not end in time, or writes too much
   */
  Output run(byte[] input) {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.directory(Path.of("/").toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new CniException("cannot be started: " + e.getMessage(), e);
    }
    try {
      return communicate(process, input);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CniException("was interrupted", e);
    } finally {
      stop(process);
    }
  }

  private Output communicate(Process process, byte[] input) throws InterruptedException {
    FutureTask<byte[]> error =
        start("cni stderr", () -> readAll(process.getErrorStream(), MAX_ERROR_BYTES));
    FutureTask<byte[]> output =
        start(
            "cni stdout",
            () -> {
              write(process, input);
              byte[] answer = process.getInputStream().readNBytes(MAX_OUTPUT_BYTES + 1);
              if (answer.length > MAX_OUTPUT_BYTES) {
                process.destroyForcibly();
              }
              return answer;
            });
    if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new CniException("did not end within " + limit.toSeconds() + " s and was killed");
    }
    byte[] answer = await(output);
    if (answer.length > MAX_OUTPUT_BYTES) {
      throw new CniException("wrote more than " + MAX_OUTPUT_BYTES + " bytes");
    }
    return new Output(process.exitValue(), text(answer), text(await(error)).strip());
  }

  /** On a platform thread: a read that blocks would hold the carrier of a virtual one. */
  private static FutureTask<byte[]> start(String name, Callable<byte[]> work) {
    FutureTask<byte[]> task = new FutureTask<>(work);
    Thread.ofPlatform().name(name).daemon(true).start(task);
    return task;
  }

  private static byte[] await(FutureTask<byte[]> task) throws InterruptedException {
    try {
      return task.get(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new CniException("its output cannot be read: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new CniException("has ended, but left a process that holds its output", e);
    }
  }

  private static void write(Process process, byte[] input) {
    try (OutputStream out = process.getOutputStream()) {
      out.write(input);
    } catch (IOException _) {
      // It need not read its input: what it answers counts.
    }
  }

  /** Reads to the end, and keeps the first bytes. */
  private static byte[] readAll(InputStream in, int keepBytes) throws IOException {
    byte[] kept = in.readNBytes(keepBytes);
    in.transferTo(OutputStream.nullOutputStream());
    return kept;
  }

  /** Kills whatever is left of this run. */
  private void stop(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    try {
      process.getInputStream().close();
      process.getErrorStream().close();
    } catch (IOException _) {
      // Nobody reads them any more.
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
