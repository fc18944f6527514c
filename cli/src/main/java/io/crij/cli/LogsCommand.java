package io.crij.cli;

import io.crij.cri.v1.ContainerStatusRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "Prints what a container wrote.")
final class LogsCommand implements Runnable {
  private final Crij crij;
  private final PrintWriter out;
  private final PrintWriter err;

  @Parameters(paramLabel = "CONTAINER", description = "Its id.")
  private String container = "";

  LogsCommand(Crij crij, PrintWriter out, PrintWriter err) {
    this.crij = crij;
    this.out = out;
    this.err = err;
  }

  @Override
  public void run() {
    Path file;
    try (Node node = crij.connect()) {
      file =
          Path.of(
              node.runtime(Node.SHORT)
                  .containerStatus(
                      ContainerStatusRequest.newBuilder().setContainerId(container).build())
                  .getStatus()
                  .getLogPath());
    }
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        print(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file + ": " + e.getMessage(), e);
    }
    out.flush();
    err.flush();
  }

  /** CRI logging format: "time stream tag message"; tag P: the line goes on. */
  private void print(String line) {
    String[] parts = line.split(" ", 4);
    if (parts.length < 4) {
      return;
    }
    PrintWriter stream = parts[1].equals("stderr") ? err : out;
    if (parts[2].startsWith("P")) {
      stream.print(parts[3]);
    } else {
      stream.println(parts[3]);
    }
  }
}
