package io.crij.cli;

import io.crij.admin.v1.InfoRequest;
import io.crij.admin.v1.ShutdownRequest;
import io.crij.cli.connection.Node;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "node", description = "This node as a whole.", synopsisSubcommandLabel = "COMMAND")
final class NodeCommands {
  /** crijd ends itself by force before this. */
  private static final Duration EXIT = Duration.ofSeconds(20);

  private final Crij crij;
  private final PrintWriter out;
  private final PrintWriter err;

  NodeCommands(Crij crij, PrintWriter out, PrintWriter err) {
    this.crij = crij;
    this.out = out;
    this.err = err;
  }

  @Command(name = "drain", description = "Stops and removes every pod; prints their ids.")
  int drain() {
    int failures = 0;
    try (Node node = crij.connect()) {
      List<PodSandbox> pods =
          node.runtime(Node.SHORT)
              .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
              .getItemsList();
      for (PodSandbox pod : pods) {
        try {
          node.removePod(pod.getId());
          out.println(pod.getId());
        } catch (StatusRuntimeException e) {
          failures++;
          err.println("crij: pod " + pod.getId() + ": " + e.getStatus().getDescription());
        }
      }
    }
    return failures == 0 ? 0 : 1;
  }

  @Command(name = "shutdown", description = "Ends crijd and waits for it; containers run on.")
  int shutdown(
      @Option(
              names = "--with-monitor",
              description = "Ends conmon-j too, which is refused while containers live.")
          boolean withMonitor)
      throws InterruptedException, ExecutionException {
    try (Node node = crij.connect()) {
      long pid = node.admin(Node.SHORT).info(InfoRequest.getDefaultInstance()).getPid();
      CompletableFuture<ProcessHandle> exit =
          ProcessHandle.of(pid)
              .map(ProcessHandle::onExit)
              .orElseGet(() -> CompletableFuture.completedFuture(ProcessHandle.current()));
      var _ =
          node.admin(Node.STOP)
              .shutdown(ShutdownRequest.newBuilder().setWithMonitor(withMonitor).build());
      exit.get(EXIT.toSeconds(), TimeUnit.SECONDS);
      return 0;
    } catch (TimeoutException _) {
      err.println("crij: crijd has not ended within " + EXIT.toSeconds() + " s");
      return 1;
    }
  }
}
