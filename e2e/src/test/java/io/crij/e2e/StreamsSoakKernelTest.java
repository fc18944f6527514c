package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
import io.crij.e2e.streams.UpgradedConnection;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.crij.linux.testing.Soak;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Crijd and the monitor are no bigger after thousands of streams, most of which ended badly. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamsSoakKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final int ROUNDS = 10_000;
  private static final int AT_A_TIME = 8;
  private static final int KINDS = 8;
  private static final int PORT = 80;

  private Node node;
  private StreamCalls calls;
  private String pod;
  private String container;

  @BeforeEach
  void run(PrivateRoot home, Registry registry) throws Exception {
    node = Node.start(home, registry);
    calls = new StreamCalls(node);
    RunningPod running = RunningPod.run(node, "soak", IMAGE);
    pod = running.id();
    container = running.start("sh", "-c", "httpd -p " + PORT + "; exec sleep 1000000");
  }

  @AfterEach
  void end() throws Exception {
    calls.close();
    node.close();
  }

  /** Cases 85 and 86, fault F-32. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.HOURS)
  void nothingIsLeftOfStreams() throws Exception {
    try {
      Soak.of(node.daemonProcess().pid(), node.monitor().pid())
          .inParallel(AT_A_TIME)
          .run(ROUNDS, this::round);
    } finally {
      // Also when the rounds were too slow.
      Eventually.await(
          "the end of all that was executed",
          () -> {
            assertThat(node.crictl().run("exec", "--sync", container, "ps")).doesNotContain("333");
            return true;
          });
    }
  }

  /** Each kind by either protocol: the same client is never two rounds in a row. */
  private void round(int number) throws Exception {
    switch (number % KINDS) {
      case 0 -> endWell();
      case 1 -> executeNothing();
      case 2 -> leaveATerminal();
      case 3 -> leaveACommand();
      case 4 -> leaveAnAttachment();
      case 5 -> leaveAQuietContainer();
      case 6 -> leaveAConnection();
      default -> leaveChannels();
    }
  }

  private void endWell() throws Exception {
    try (SpdyClient client = calls.open(calls.exec(container, "echo", "done"))) {
      SpdyClientStream error = client.open("error");
      assertThat(client.open("stdout").text()).isEqualTo("done\n");
      assertThat(error.text()).contains("Success");
    }
  }

  private void executeNothing() throws Exception {
    try (SpdyClient client = calls.open(calls.execOnTerminal(container, "nosuch"))) {
      SpdyClientStream error = client.open("error");
      for (String stream : new String[] {"stdin", "stdout", "resize"}) {
        client.open(stream);
      }
      assertThat(error.text()).contains("executable file not found");
    }
  }

  private void leaveATerminal() throws Exception {
    try (SpdyClient client =
        calls.open(calls.execOnTerminal(container, "sh", "-c", "echo begun; exec sleep 333"))) {
      client.open("error");
      client.open("stdin");
      SpdyClientStream stdout = client.open("stdout");
      client.open("resize").send("{\"Width\":80,\"Height\":24}");
      assertThat(stdout.read()).isNotEmpty();
      client.vanish();
    }
  }

  /** Before it has begun, or later. */
  private void leaveACommand() throws Exception {
    try (UpgradedConnection client =
        UpgradedConnection.webSocket(
            calls.execWithInput(container, "sleep", "333"), "v5.channel.k8s.io")) {
      client.vanish();
    }
  }

  private void leaveAnAttachment() throws Exception {
    try (SpdyClient client = calls.open(calls.attach(container))) {
      client.open("error");
      client.open("stdout");
      client.vanish();
    }
  }

  private void leaveAQuietContainer() throws Exception {
    try (UpgradedConnection client =
        UpgradedConnection.webSocket(calls.attach(container), "v4.channel.k8s.io")) {
      client.vanish();
    }
  }

  private void leaveAConnection() throws Exception {
    try (SpdyClient client = calls.openForward(pod)) {
      SpdyClient.Forwarded forwarded = client.forward(PORT);
      forwarded.data().send("GET / HTTP/1.0\r\n\r\n");
      assertThat(forwarded.data().read()).isNotEmpty();
      client.forward(PORT).data().send("GET ");
      client.vanish();
    }
  }

  private void leaveChannels() throws Exception {
    try (UpgradedConnection client =
        UpgradedConnection.webSocket(calls.forward(pod, PORT), "v4.channel.k8s.io")) {
      client.vanish();
    }
  }
}
