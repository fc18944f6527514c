package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.ChannelClient;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports of a pod in the node's network, where the test itself listens. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class PortForwardKernelTest {
  private static final int MANY = 100;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Node node;
  private StreamCalls calls;
  private String pod;
  private SpdyClient client;

  @BeforeEach
  void forward(PrivateRoot home, Registry registry) throws Exception {
    node = Node.start(home, registry);
    calls = new StreamCalls(node);
    PodFiles files = new PodFiles(node.podLogs("forward"), "forward");
    pod = node.crictl().run("runp", files.hostNetworkPod());
    client = calls.openForward(pod);
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    threads.shutdownNow();
    calls.close();
    node.close();
  }

  private static ServerSocket listen(String address) throws IOException {
    return new ServerSocket(0, MANY, InetAddress.getByName(address));
  }

  /** Sends back what comes, to its end. */
  private void echo(ServerSocket listening) {
    var _ =
        threads.submit(() -> {
          while (true) {
            Socket accepted = listening.accept();
            var _ =
                threads.submit(() -> {
                  try (accepted) {
                    return accepted.getInputStream().transferTo(accepted.getOutputStream());
                  }
                });
          }
        });
  }

  /** As with a program that a debugger has stopped, or one that is overloaded. */
  @Test
  void aProgramThatTakesNothingDoesNotHoldUpTheOthers() throws Exception {
    try (ServerSocket deaf = listen("127.0.0.1");
        ServerSocket echoing = listen("127.0.0.1")) {
      echo(echoing);
      SpdyClient.Forwarded stuck = client.forward(deaf.getLocalPort());
      SpdyClient.Forwarded other = client.forward(echoing.getLocalPort());
      try (Socket _ = deaf.accept()) {
        Future<?> sending =
            threads.submit(() -> {
              byte[] piece = new byte[32 << 10];
              while (stuck.error().end() == SpdyClientStream.End.OPEN) {
                stuck.data().send(piece);
              }
              return null;
            });
        assertThat(stuck.error().text()).contains("takes nothing");
        sending.get(1, TimeUnit.MINUTES);
        other.data().send("still here");
        assertThat(other.data().read(10)).asString(StandardCharsets.UTF_8).isEqualTo("still here");
        // Those that come later get through too.
        SpdyClient.Forwarded later = client.forward(echoing.getLocalPort());
        later.data().send("and here");
        assertThat(later.data().read(8)).asString(StandardCharsets.UTF_8).isEqualTo("and here");
      }
    }
  }

  /** A program that is slow is waited for, however long. */
  @Test
  void whatWaitsForASlowProgramReachesIt() throws Exception {
    try (ServerSocket slow = listen("127.0.0.1")) {
      SpdyClient.Forwarded forwarded = client.forward(slow.getLocalPort());
      byte[] sent = new byte[16 << 20];
      new Random(7).nextBytes(sent);
      try (Socket accepted = slow.accept()) {
        Future<?> sending =
            threads.submit(() -> {
              for (int at = 0; at < sent.length; at += 32 << 10) {
                forwarded.data().send(Arrays.copyOfRange(sent, at, at + (32 << 10)));
              }
              forwarded.data().finish();
              return null;
            });
        assertThat(accepted.getInputStream().readAllBytes()).isEqualTo(sent);
        sending.get(1, TimeUnit.MINUTES);
      }
    }
  }

  @Test
  void eachSideCanEndItsHalfFirst() throws Exception {
    try (ServerSocket listening = listen("127.0.0.1")) {
      SpdyClient.Forwarded first = client.forward(listening.getLocalPort());
      try (Socket program = listening.accept()) {
        first.data().send("question");
        first.data().finish();
        assertThat(program.getInputStream().readAllBytes())
            .asString(StandardCharsets.UTF_8)
            .isEqualTo("question");
        program.getOutputStream().write("answer".getBytes(StandardCharsets.UTF_8));
      }
      assertThat(first.data().text()).isEqualTo("answer");

      SpdyClient.Forwarded second = client.forward(listening.getLocalPort());
      try (Socket program = listening.accept()) {
        program.getOutputStream().write("greeting".getBytes(StandardCharsets.UTF_8));
        program.shutdownOutput();
        assertThat(second.data().text()).isEqualTo("greeting");
        second.data().send("reply");
        second.data().finish();
        assertThat(program.getInputStream().readAllBytes())
            .asString(StandardCharsets.UTF_8)
            .isEqualTo("reply");
      }
    }
  }

  @Test
  void aHundredConnectionsAtOnceKeepApart() throws Exception {
    try (ServerSocket echoing = listen("::1")) {
      echo(echoing);
      List<SpdyClient.Forwarded> all = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        all.add(client.forward(echoing.getLocalPort()));
      }
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++) {
          all.get(i).data().send(numbered(i, round));
        }
        for (int i = 0; i < MANY; i++) {
          byte[] expected = numbered(i, round);
          assertThat(all.get(i).data().read(expected.length)).isEqualTo(expected);
        }
      }
      for (SpdyClient.Forwarded forwarded : all) {
        forwarded.data().finish();
        assertThat(forwarded.data().text()).isEmpty();
        assertThat(forwarded.error().text()).isEmpty();
      }
    }
  }

  private static byte[] numbered(int connection, int round) {
    byte[] bytes = new byte[4096];
    Arrays.fill(bytes, (byte) (connection + 100 * round));
    return bytes;
  }

  /** Each port has two channels, for data and for an error, which begin with its number. */
  @Test
  void aWebSocketHasChannelsForEachOfItsPorts() throws Exception {
    try (ServerSocket first = listen("127.0.0.1");
        ServerSocket second = listen("::1")) {
      echo(first);
      echo(second);
      int[] ports = {first.getLocalPort(), second.getLocalPort()};
      try (ChannelClient channels =
          ChannelClient.connect(calls.forward(pod, ports), "v4.channel.k8s.io")) {
        assertThat(channels.protocol()).isEqualTo("v4.channel.k8s.io");
        for (int i = 0; i < ports.length; i++) {
          channels.send(2 * i, new byte[] {'a', 'b', (byte) i});
        }
        for (int i = 0; i < ports.length; i++) {
          int data = 2 * i;
          byte low = (byte) ports[i];
          byte high = (byte) (ports[i] >> 8);
          byte[] echoed = {low, high, 'a', 'b', (byte) i};
          Eventually.await(() -> Arrays.equals(channels.received(data), echoed));
          assertThat(channels.received(data + 1)).containsExactly(low, high);
        }
      }
    }
  }

  @Test
  void aPortThatNobodyListensOnIsToldOf() throws Exception {
    int port;
    try (ServerSocket closed = listen("127.0.0.1")) {
      port = closed.getLocalPort();
    }
    SpdyClient.Forwarded refused = client.forward(port);
    assertThat(refused.error().text()).contains("error forwarding port " + port, pod);
    Eventually.await(() -> refused.data().end() == SpdyClientStream.End.RESET);
  }

  @Test
  void aClientThatIsGoneLeavesNoConnection() throws Exception {
    try (ServerSocket listening = listen("127.0.0.1")) {
      SpdyClient.Forwarded _ = client.forward(listening.getLocalPort());
      try (Socket program = listening.accept()) {
        client.close();
        assertThat(program.getInputStream().readAllBytes()).isEmpty();
      }
    }
  }
}
