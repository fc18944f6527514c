package io.crij.cli;

import io.crij.admin.v1.UpgradeMonitorRequest;
import io.crij.admin.v1.UpgradeMonitorResponse;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "monitor",
    description = "conmon-j, which watches the containers.",
    synopsisSubcommandLabel = "COMMAND")
final class MonitorCommands {
  private final Crij crij;
  private final PrintWriter out;

  MonitorCommands(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Command(
      name = "upgrade",
      description =
          "Puts the installed conmon-j in the place of the one that runs; containers run on.")
  void upgrade(
      @Option(
              names = "--program",
              paramLabel = "PATH",
              defaultValue = "",
              description = "Another conmon-j than the one beside crijd.")
          String program) {
    String path = program.isEmpty() ? "" : Path.of(program).toAbsolutePath().toString();
    try (Node node = crij.connect()) {
      UpgradeMonitorResponse done =
          node.admin(Node.STOP)
              .upgradeMonitor(UpgradeMonitorRequest.newBuilder().setProgram(path).build());
      out.println(
          "conmon-j "
              + done.getFromVersion()
              + " is "
              + done.getVersion()
              + " now, pid "
              + done.getPid());
    }
  }
}
