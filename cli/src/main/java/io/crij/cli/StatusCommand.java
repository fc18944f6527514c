package io.crij.cli;

import io.crij.cri.v1.RuntimeCondition;
import io.crij.cri.v1.StatusRequest;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "status", description = "Conditions of the runtime; exit status 0 if all are true.")
final class StatusCommand implements Callable<Integer> {
  private final Crij crij;
  private final PrintWriter out;

  StatusCommand(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Override
  public Integer call() {
    List<RuntimeCondition> conditions;
    try (Node node = crij.connect()) {
      conditions =
          node.runtime(Node.SHORT)
              .status(StatusRequest.getDefaultInstance())
              .getStatus()
              .getConditionsList();
    }
    for (RuntimeCondition condition : conditions) {
      String why = (condition.getReason() + " " + condition.getMessage()).strip();
      out.println((condition.getType() + ": " + condition.getStatus() + " " + why).strip());
    }
    return conditions.stream().allMatch(RuntimeCondition::getStatus) ? 0 : 1;
  }
}
