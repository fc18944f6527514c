package io.crij.e2e.kubernetes;

import io.crij.e2e.program.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A program of the cluster that runs until it is closed. The logs of its folder, those of crijd
 * too, are then in {@code target/kubernetes} of this module, in a folder of the same name.
 */
final class Server implements Begun.Part {
  /** How long one may take to end by itself. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final Process process;
  private final Path folder;
  private final String name;

  private Server(Process process, Path folder, String name) {
    this.process = process;
    this.folder = folder;
    this.name = name;
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
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(folder, name).toFile()))
            .start();
    return new Server(process, folder, name);
  }

  boolean runs() {
    return process.isAlive();
  }

  String log() {
    try {
      return Files.readString(log(folder, name));
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
      keepLogs();
    }
  }

  private static Path log(Path folder, String name) {
    return folder.resolve(name + ".log");
  }

  private void keepLogs() throws IOException {
    Path kept = Setup.read().scratch().resolve("kubernetes").resolve(folder.getFileName());
    Files.createDirectories(kept);
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder, "*.log")) {
      for (Path log : logs) {
        Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
