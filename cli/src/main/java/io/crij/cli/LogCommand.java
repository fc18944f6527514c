package io.crij.cli;

import io.crij.admin.v1.SetLogRequest;
import io.crij.admin.v1.SetLogResponse;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "log",
    description = "Says what crijd logs; changes it until its next start or SIGHUP.")
final class LogCommand implements Runnable {
  private final Crij crij;
  private final PrintWriter out;

  @Option(names = "--level", description = "error, warn, info, debug or trace.")
  private @Nullable String level;

  @Option(
      names = "--filter",
      paramLabel = "REGEX",
      description = "Only lines in whose message it is found; '' for every line.")
  private @Nullable String filter;

  LogCommand(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Override
  public void run() {
    SetLogRequest.Builder request = SetLogRequest.newBuilder();
    if (level != null) {
      request.setLevel(level);
    }
    if (filter != null) {
      request.setFilter(filter);
    }
    try (Node node = crij.connect()) {
      SetLogResponse now = node.admin(Node.SHORT).setLog(request.build());
      out.println("level " + now.getLevel() + ", filter '" + now.getFilter() + "'");
    }
  }
}
