package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who is connected to a container, and what becomes of both when one of them goes. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamEndsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CLIENTS = 6;
  private static final int LINES = 50;

  private static String run(Node node, String... command) throws Exception {
    return RunningPod.run(node, "ends", IMAGE).start(command);
  }

  /** Each takes what it wants and leaves; the others do not notice. */
  @Test
  void allWhoAreAttachedSeeEveryLine(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      String container =
          run(node, "sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); usleep 10000; done");
      List<Future<String>> seen = new ArrayList<>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < CLIENTS; i++) {
          String transport = i % 2 == 0 ? "spdy" : "websocket";
          String attach = node.crictl().line("attach", "--transport", transport, container);
          String script = attach + " 2>/dev/null | head -n " + (LINES + i);
          seen.add(threads.submit(() -> Command.of("bash", "-c", script).run().output()));
        }
      }
      for (Future<String> client : seen) {
        List<Integer> numbers = client.get().lines().map(Integer::valueOf).toList();
        int first = numbers.getFirst();
        assertThat(numbers)
            .hasSizeGreaterThanOrEqualTo(LINES)
            .isEqualTo(IntStream.range(first, first + numbers.size()).boxed().toList());
      }
    }
  }

  @Test
  void anAttachmentEndsWithItsContainer(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      String container =
          run(node, "sh", "-c", "until [ -e /go ]; do echo here; usleep 50000; done; echo last");
      Process client =
          new ProcessBuilder("bash", "-c", node.crictl().line("attach", container)).start();
      try (var lines = client.inputReader(StandardCharsets.UTF_8)) {
        assertThat(lines.readLine()).isEqualTo("here");
        node.crictl().run("exec", "--sync", container, "touch", "/go");
        assertThat(lines.lines().toList()).last().isEqualTo("last");
        assertThat(client.waitFor()).isZero();
      } finally {
        client.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void whatIsKeptGoesOnWithoutItsClient(PrivateRoot home, Registry registry) throws Exception {
    String keep = "[crij.runtime]\nexec_disconnect = \"keep\"";
    try (Node node = Node.start(home, registry, keep)) {
      String container = run(node, "sleep", "1000");
      String script = "echo begun; cat >/dev/null; usleep 500000; echo dropped; touch /kept";
      Process client =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "exec "
                      + node.crictl().line("exec", "-i", container, "sh", "-c", "'" + script + "'"))
              .start();
      try (var lines = client.inputReader(StandardCharsets.UTF_8)) {
        assertThat(lines.readLine()).isEqualTo("begun");
      } finally {
        client.destroyForcibly().waitFor();
      }
      Eventually.holds(
          PATIENCE,
          () ->
              node.crictl().attempt("exec", "--sync", container, "test", "-e", "/kept").status()
                  == 0,
          () -> node.crictl().run("exec", "--sync", container, "ps") + node.log());
    }
  }

  /**
   * SIGTERM: they are told; kill -9: they are cut off, and must not take that for a success.
   * Neither leaves the command behind.
   */
  @Test
  void clientsOfACrijdThatEndsEnd(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      String container = run(node, "sleep", "1000");
      Process told = begin(node, container, "spdy");
      node.stopDaemon();
      assertThat(errors(told)).contains("crijd");
      assertThat(told.waitFor()).isNotZero();
      node.startDaemon();

      List<Process> cut = new ArrayList<>();
      for (String transport : List.of("spdy", "websocket")) {
        cut.add(begin(node, container, transport));
      }
      node.killDaemon();
      for (Process client : cut) {
        assertThat(client.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(client.exitValue()).isNotZero();
      }
      assertThat(errors(cut.getFirst())).contains("unexpected end of JSON input");
      assertThat(errors(cut.getLast())).isNotBlank();
      node.startDaemon();
      Eventually.holds(
          PATIENCE,
          () -> !node.crictl().run("exec", "--sync", container, "ps").contains("555"),
          () -> node.crictl().run("exec", "--sync", container, "ps"));
    }
  }

  /** Neither its input nor its output is lost, nor its exit code where the kernel keeps it. */
  @Test
  void aCommandGoesOnWhenTheMonitorIsKilled(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node)) {
      String container = run(node, "sleep", "1000");
      String script = "echo begun; read line; echo got $line; exit 7";
      try (SpdyClient client = calls.open(calls.execWithInput(container, "sh", "-c", script))) {
        SpdyClientStream error = client.open("error");
        SpdyClientStream stdin = client.open("stdin");
        SpdyClientStream stdout = client.open("stdout");
        assertThat(stdout.read(6)).asString(StandardCharsets.UTF_8).isEqualTo("begun\n");
        ProcessHandle killed = node.monitor();
        node.killMonitor();
        Eventually.holds(
            PATIENCE,
            () -> node.findMonitor().filter(monitor -> !monitor.equals(killed)).isPresent(),
            node::log);
        stdin.send("words\n");
        assertThat(stdout.text()).isEqualTo("got words\n");
        // Before Linux 6.15 only the killed monitor could know it, and the client is told so.
        assertThat(error.text()).containsAnyOf("\"message\":\"7\"", "the monitor was lost");
      }
    }
  }

  /** In the grace of a stop a preStop hook may run; from SIGKILL on nothing begins any more. */
  @Test
  void aContainerThatIsBeingKilledTakesNoMoreCommands(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String container =
          run(node, "sh", "-c", "trap 'touch /told' TERM; while :; do usleep 50000; done");
      Future<?> patient = threads.submit(() -> calls.stop(container, 300));
      Eventually.holds(
          PATIENCE,
          () -> node.crictl().attempt("exec", container, "test", "-e", "/told").status() == 0,
          node::log);
      // The monitor stands still before it kills.
      Command.of("bash", "-c", "kill -STOP " + node.monitor().pid()).run();
      Future<?> impatient = threads.submit(() -> calls.stop(container, 0));
      try {
        Eventually.holds(
            PATIENCE,
            () -> calls.refusal(container).contains("is being killed"),
            () -> calls.refusal(container));
      } finally {
        Command.of("bash", "-c", "kill -CONT " + node.monitor().pid()).run();
      }
      patient.get();
      impatient.get();
      assertThat(calls.refusal(container)).startsWith("FAILED_PRECONDITION");
    }
  }

  /** The same for who is attached or connected with a port; the container and its pod go on. */
  @Test
  void attachmentsAndConnectionsEndWithCrijd(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry);
        ServerSocket program = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      String container = run(node, "sh", "-c", "while :; do echo here; sleep 1; done");
      PodFiles files = new PodFiles(node.podLogs("host"), "host");
      String pod = node.crictl().run("runp", files.hostNetworkPod());
      try (Visitors told = Visitors.come(node, container, pod, program)) {
        node.stopDaemon();
        assertThat(told.attached.text()).contains("crijd is being stopped");
        assertThat(told.forwarded.error().text()).contains("crijd is being stopped");
        assertThat(told.accepted.getInputStream().readAllBytes()).isEmpty();
      }
      node.startDaemon();
      try (Visitors cut = Visitors.come(node, container, pod, program)) {
        node.killDaemon();
        assertThat(cut.attached.text()).isBlank();
        assertThat(cut.forwarded.error().text()).isEmpty();
        assertThat(cut.attached.end()).isEqualTo(SpdyClientStream.End.CUT);
        assertThat(cut.forwarded.data().end()).isEqualTo(SpdyClientStream.End.CUT);
        assertThat(cut.accepted.getInputStream().readAllBytes()).isEmpty();
      }
      node.startDaemon();
      Visitors.come(node, container, pod, program).close();
    }
  }

  /**
   * One who is attached, and one who is connected with a program in the pod.
   *
   * @param attached its error stream
   */
  private record Visitors(
      SpdyClient attachment,
      SpdyClientStream attached,
      SpdyClient forward,
      SpdyClient.Forwarded forwarded,
      Socket accepted)
      implements AutoCloseable {
    static Visitors come(Node node, String container, String pod, ServerSocket program)
        throws Exception {
      try (StreamCalls calls = new StreamCalls(node)) {
        SpdyClient attachment = calls.open(calls.attach(container));
        SpdyClientStream error = attachment.open("error");
        assertThat(attachment.open("stdout").read(5)).hasSize(5);
        SpdyClient forward = calls.openForward(pod);
        SpdyClient.Forwarded forwarded = forward.forward(program.getLocalPort());
        Socket accepted = program.accept();
        accepted.setSoTimeout((int) PATIENCE.toMillis());
        forwarded.data().send("question");
        assertThat(accepted.getInputStream().readNBytes(8)).hasSize(8);
        return new Visitors(attachment, error, forward, forwarded, accepted);
      }
    }

    @Override
    public void close() throws IOException {
      attachment.close();
      forward.close();
      accepted.close();
    }
  }

  private static String errors(Process client) throws IOException {
    return new String(client.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static Process begin(Node node, String container, String transport) throws Exception {
    String[] exec = {
      "exec", "--transport", transport, container, "sh", "-c", "'echo begun; sleep 555'"
    };
    Process client = new ProcessBuilder("bash", "-c", "exec " + node.crictl().line(exec)).start();
    assertThat(client.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("begun");
    return client;
  }
}
