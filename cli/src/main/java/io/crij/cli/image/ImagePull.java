package io.crij.cli.image;

import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    description = {
      "Pulls an image and prints its id.",
      "Shows on stderr how it comes on: bars on a terminal, otherwise a line for each layer.",
      "Ended by Ctrl-C; what came is kept for the next try."
    })
public final class ImagePull implements Runnable {
  private final Supplier<Node> nodes;
  private final PrintWriter out;
  private final PrintWriter err;

  @Parameters(paramLabel = "REF")
  private String reference = "";

  public ImagePull(Supplier<Node> nodes, PrintWriter out, PrintWriter err) {
    this.nodes = nodes;
    this.out = out;
    this.err = err;
  }

  @Override
  public void run() {
    new WatchedPull(nodes, out, err).pull(reference);
  }
}
