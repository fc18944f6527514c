package io.crij.cli.image;

import io.crij.admin.v1.PullImageProgress;
import io.crij.admin.v1.PullImageRequest;
import io.crij.cli.connection.Node;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Supplier;

/** Pulls for somebody who watches: bars on a terminal, otherwise a line for each layer. */
final class WatchedPull {
  private final Supplier<Node> nodes;
  private final PrintWriter out;
  private final PrintWriter err;

  WatchedPull(Supplier<Node> nodes, PrintWriter out, PrintWriter err) {
    this.nodes = nodes;
    this.out = out;
    this.err = err;
  }

  /** Prints the id. */
  void pull(String reference) {
    long start = System.nanoTime();
    PullDisplay display = new PullDisplay(err, isTerminal());
    try (Node node = nodes.get()) {
      Iterator<PullImageProgress> answers =
          node.admin(Node.IMAGE)
              .pullImage(PullImageRequest.newBuilder().setReference(reference).build());
      PullImageProgress last = PullImageProgress.getDefaultInstance();
      while (answers.hasNext()) {
        last = answers.next();
        display.show(last);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      err.println(
          String.format(
              Locale.ROOT, "%s: %s in %.1f s", reference, PullDisplay.summary(last), seconds));
      out.println(last.getImageId());
    }
  }

  /** JDK 25 gives no console again where there is no terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
