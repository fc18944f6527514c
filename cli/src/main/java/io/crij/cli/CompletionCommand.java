package io.crij.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints a script by which bash, or zsh after bashcompinit, completes commands and options:",
      "source <(crij completion)"
    })
final class CompletionCommand implements Runnable {
  private final PrintWriter out;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompletionCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void run() {
    out.print(AutoComplete.bash("crij", spec.root().commandLine()));
    out.flush();
  }
}
