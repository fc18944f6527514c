package io.crij.cli;

import io.crij.cli.connection.Node;
import io.crij.cri.v1.RuntimeCondition;
import io.crij.cri.v1.StatusRequest;
import java.io.PrintWriter;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "status",
    description =
        "The conditions of the runtime; exit status 1 unless those that a kubelet needs are met.")
final class StatusCommand implements Callable<Integer> {
  /** Others are warnings: pods can be run all the same. */
  private static final Set<String> NEEDED = Set.of("RuntimeReady", "NetworkReady");

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
        ready &= condition.getStatus() || !NEEDED.contains(condition.getType());
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
