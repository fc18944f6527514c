package io.crij.runtime.cni;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Plugin processes that outlived their run: the plugin was killed at its time limit and had left
 * its process group, or this program was killed while a plugin ran. An ADD that ends after the DEL
 * that was to undo it would leak an address for ever.
 *
 * <p>They are known by their environment, which their children inherit.
 */
final class LeftoverPlugins {
  private static final int MAX_ENVIRONMENT_BYTES = 256 << 10;
  private static final long END_SECONDS = 5;

  private LeftoverPlugins() {}

  /**
   * Kills every process that works for this sandbox, and sees them end.
   *
   * @throws CniException when one does not end
   */
  static void kill(String sandboxId) {
    String marker = "CNI_CONTAINERID=" + sandboxId + "\0";
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        kill(process, marker);
      }
    } catch (IOException e) {
      throw new CniException("list /proc: " + e.getMessage(), e);
    }
  }

  private static void kill(Path process, String marker) {
    // The handle knows the process' start: it never hits another with the same pid.
    Optional<ProcessHandle> handle =
        ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
    if (handle.isEmpty() || !environment(process).contains(marker)) {
      return;
    }
    ProcessHandle leftover = handle.get();
    leftover.destroyForcibly();
    try {
      leftover.onExit().get(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new CniException("plugin process " + leftover.pid() + " does not end", e);
    }
  }

  /** With a NUL after each variable; empty when the process has ended. */
  private static String environment(Path process) {
    try (InputStream in = Files.newInputStream(process.resolve("environ"))) {
      return new String(in.readNBytes(MAX_ENVIRONMENT_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return "";
    }
  }
}
