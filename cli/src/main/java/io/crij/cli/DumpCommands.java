package io.crij.cli;

import io.crij.admin.v1.DumpHeapRequest;
import io.crij.admin.v1.DumpThreadsRequest;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "dump",
    description = "What crijd does and holds at the moment.",
    synopsisSubcommandLabel = "COMMAND")
final class DumpCommands {
  private final Crij crij;
  private final PrintWriter out;

  DumpCommands(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Command(name = "threads", description = "Prints where every thread is.")
  void threads() {
    try (Node node = crij.connect()) {
      out.println(
          node.admin(Node.STOP).dumpThreads(DumpThreadsRequest.getDefaultInstance()).getText());
    }
  }

  @Command(name = "classes", description = "Prints how many objects of which class there are.")
  void classes() {
    try (Node node = crij.connect()) {
      out.println(
          node.admin(Node.STOP).dumpHeap(DumpHeapRequest.getDefaultInstance()).getClasses());
    }
  }

  @Command(
      name = "heap",
      description = "Writes all objects to a file; credentials may be among them.")
  void heap(@Parameters(paramLabel = "FILE.hprof") Path file) {
    String path = file.toAbsolutePath().toString();
    try (Node node = crij.connect()) {
      long bytes =
          node.admin(Node.STOP)
              .dumpHeap(DumpHeapRequest.newBuilder().setPath(path).build())
              .getSizeBytes();
      out.println(path + ": " + bytes + " bytes");
    }
  }
}
