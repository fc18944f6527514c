package io.crij.e2e.kubernetes;

import io.crij.e2e.program.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A program of the cluster that runs until it is closed. Its log is then in {@code
 * target/kubernetes} of this module, until another test's is put there.
 */
final class Server implements Begun.Part {
  /** How long one may take to end by itself. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;

  private Server(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts one.
   *
   * @param name of a program that {@code build/kubernetes.sh} builds
   * @param folder for its log; one that is there is continued
   */
  static Server start(String name, Path folder, List<String> flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Setup.kubernetes().resolve(name).toString());
    command.addAll(flags);
    Path log = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new Server(process, log);
  }

  boolean runs() {
    return process.isAlive();
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** kill -9. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.onExit().orTimeout(GRACE.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      kill();
      throw new AssertionError(process.info() + " did not end at SIGTERM\n" + log(), e);
    } finally {
      Path kept = Files.createDirectories(Setup.read().scratch().resolve("kubernetes"));
      Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
