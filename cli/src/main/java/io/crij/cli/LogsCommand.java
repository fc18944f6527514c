package io.crij.cli;

import io.crij.cli.connection.Node;
import io.crij.cri.v1.ContainerStatusRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the text of a container's log, which is a file of this node. */
@Command(name = "logs", description = "What a container has written, without times and streams.")
final class LogsCommand implements Callable<Integer> {
  private final Crij crij;
  private final PrintWriter out;

  @Parameters(paramLabel = "CONTAINER", description = "Its id.")
  private String container = "";

  LogsCommand(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    String path;
    try (Node node = crij.connect()) {
      path =
          node.runtime(Node.SHORT)
              .containerStatus(
                  ContainerStatusRequest.newBuilder().setContainerId(container).build())
              .getStatus()
              .getLogPath();
    }
    if (path.isEmpty()) {
      throw new IOException("container " + container + " has no log");
    }
    // Not Files.newBufferedReader, which throws at what is no UTF-8: a container may write
    // anything.
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(Path.of(path)), StandardCharsets.UTF_8))) {
      for (String line = log.readLine(); line != null; line = log.readLine()) {
        print(line);
      }
    }
    out.flush();
    return 0;
  }

  /** {@code TIME STREAM TAGS TEXT}; a tag P says that the line goes on in the next entry. */
  private void print(String entry) {
    String[] fields = entry.split(" ", 4);
    if (fields.length < 4) {
      return;
    }
    out.print(fields[3]);
    if (!fields[2].equals("P")) {
      out.println();
    }
  }
}
