package io.crij.cli;

import io.crij.cli.connection.Node;
import io.crij.cri.v1.RuntimeCondition;
import io.crij.cri.v1.StatusRequest;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "status",
    description = "The conditions of the runtime; exit status 1 unless all are met.")
final class StatusCommand implements Callable<Integer> {
  private final Crij crij;
  private final PrintWriter out;

  StatusCommand(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Override
  public Integer call() {
    boolean ready = true;
    try (Node node = crij.connect()) {
      for (RuntimeCondition condition :
          node.runtime(Node.SHORT)
              .status(StatusRequest.getDefaultInstance())
              .getStatus()
              .getConditionsList()) {
        ready &= condition.getStatus();
        // Also of one that is met: a handler that cannot run here, beside one that can.
        String reason =
            condition.getReason().isEmpty()
                ? ""
                : " (" + condition.getReason() + ": " + condition.getMessage() + ")";
        out.println(condition.getType() + (condition.getStatus() ? " yes" : " no") + reason);
      }
    }
    return ready ? 0 : 1;
  }
}
