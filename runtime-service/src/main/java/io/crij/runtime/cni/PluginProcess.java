package io.crij.runtime.cni;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.exec.SealedFile;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.process.Stdio;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
  private static final Duration KILL_TIME = Duration.ofSeconds(10);

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
    try (Fd in = SealedFile.of("cni-input", input);
        Pipe out = Pipe.open();
        Pipe err = Pipe.open()) {
      return run(in, out, err);
    } catch (LinuxException e) {
      throw new CniException("cannot be started: " + e.getMessage(), e);
    }
  }

  private Output run(Fd in, Pipe out, Pipe err) {
    ChildProcess child = ChildProcess.start(command(), new Stdio(in, out.write(), err.write()));
    ProcessId id = child.id();
    boolean ended = false;
    try (child) {
      Output output = communicate(child, id, out, err);
      ended = true;
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CniException("was interrupted", e);
    } finally {
      if (!ended) {
        ProcessTree.kill(id);
      }
    }
  }

  private Command command() {
    List<String> variables =
        environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    return new Command(List.of(program.toString()), variables, "/", true);
  }

  private Output communicate(ChildProcess child, ProcessId id, Pipe out, Pipe err)
      throws InterruptedException {
    FutureTask<byte[]> error = readError(open(err));
    FutureTask<byte[]> output = readAnswer(open(out), id);
    ExitStatus status = child.await(limit);
    if (status == null) {
      ProcessTree.kill(id);
      child.await(KILL_TIME);
      throw new CniException("did not end within " + limit.toSeconds() + " s and was killed");
    }
    out.write().close();
    err.write().close();
    byte[] answer = await(output);
    if (answer.length > MAX_OUTPUT_BYTES) {
      throw new CniException("wrote more than " + MAX_OUTPUT_BYTES + " bytes");
    }
    return new Output(status.shellCode(), text(answer), text(await(error)).strip());
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

  private static FutureTask<byte[]> readAnswer(InputStream stream, ProcessId writer) {
    return start(
        "cni stdout",
        () -> {
          try (stream) {
            byte[] answer = stream.readNBytes(MAX_OUTPUT_BYTES + 1);
            if (answer.length > MAX_OUTPUT_BYTES) {
              ProcessTree.kill(writer);
            }
            return answer;
          }
        });
  }

  /** Reads to the end, and keeps the first bytes. */
  private static FutureTask<byte[]> readError(InputStream stream) {
    return start(
        "cni stderr",
        () -> {
          try (stream) {
            byte[] kept = stream.readNBytes(MAX_ERROR_BYTES);
            stream.transferTo(OutputStream.nullOutputStream());
            return kept;
          }
        });
  }

  /** Opened once more, since the pipe's own end does not wait. */
  private static InputStream open(Pipe pipe) {
    try {
      return Files.newInputStream(Path.of(pipe.read().procPath()));
    } catch (IOException e) {
      throw new CniException("its output cannot be read: " + e.getMessage(), e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
