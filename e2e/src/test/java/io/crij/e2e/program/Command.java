package io.crij.e2e.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program with its arguments, run to its end. */
public final class Command {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** How it ended, with all it wrote. */
  public record Outcome(int status, String output, String errors) {
    public List<String> lines() {
      return output.lines().toList();
    }
  }

  private final List<String> words;
  private final Map<String, String> variables;

  private Command(List<String> words, Map<String, String> variables) {
    this.words = words;
    this.variables = variables;
  }

  public static Command of(String... words) {
    return new Command(List.of(words), Map.of());
  }

  /** The same with more environment variables. */
  public Command with(Map<String, String> more) {
    return new Command(words, more);
  }

  /**
   * Runs it and expects status 0.
   *
   * @throws AssertionError with what it wrote when it fails
   */
  public Outcome run() {
    Outcome outcome = attempt();
    if (outcome.status() != 0) {
      throw new AssertionError(
          String.join(" ", words)
              + "\nended with "
              + outcome.status()
              + "\n"
              + outcome.errors()
              + outcome.output());
    }
    return outcome;
  }

  /** Runs it, whatever comes of it. */
  public Outcome attempt() {
    try {
      ProcessBuilder builder = new ProcessBuilder(words);
      builder.environment().putAll(variables);
      Process process = builder.start();
      process.getOutputStream().close();
      CompletableFuture<String> errors =
          CompletableFuture.supplyAsync(
              () -> read(process.getErrorStream()), Thread::startVirtualThread);
      CompletableFuture<String> output =
          CompletableFuture.supplyAsync(
              () -> read(process.getInputStream()), Thread::startVirtualThread);
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", words) + "\nstill ran after " + LIMIT);
      }
      return new Outcome(process.exitValue(), output.join(), errors.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + String.join(" ", words), e);
    }
  }

  private static String read(InputStream in) {
    try {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
