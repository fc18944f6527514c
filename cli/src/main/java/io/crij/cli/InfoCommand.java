package io.crij.cli;

import io.crij.admin.v1.InfoRequest;
import io.crij.admin.v1.InfoResponse;
import io.crij.admin.v1.PullsSoFar;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

@Command(
    name = "info",
    description = "Version, directories and processes of crijd, and its pulls so far.")
final class InfoCommand implements Runnable {
  private final Crij crij;
  private final PrintWriter out;

  InfoCommand(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Override
  public void run() {
    try (Node node = crij.connect()) {
      InfoResponse info = node.admin(Node.SHORT).info(InfoRequest.getDefaultInstance());
      out.println("version: " + info.getVersion());
      out.println("pid: " + info.getPid());
      out.println("root: " + info.getRoot());
      out.println("runroot: " + info.getRunroot());
      out.println("listen: " + info.getListen());
      if (info.getMonitorPid() != 0) {
        out.println("monitor pid: " + info.getMonitorPid());
        out.println("monitor version: " + info.getMonitorVersion());
      }
      print(info.getPulls());
    }
  }

  private void print(PullsSoFar pulls) {
    String results =
        pulls.getResultsList().stream()
            .map(of -> of.getCount() + " " + of.getResult())
            .collect(Collectors.joining(", "));
    out.println("pulls: " + (results.isEmpty() ? "none" : results));
    out.println(
        String.format(
            Locale.ROOT,
            "pulled: %d layers, %d bytes, in %.1f s",
            pulls.getLayers(),
            pulls.getDownloadedBytes(),
            pulls.getSeconds()));
  }
}
