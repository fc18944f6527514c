package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.Memory;
import io.crij.e2e.streams.RandomFrames;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
import io.crij.e2e.streams.UpgradedConnection;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients of streams may try; the numbers are those of docs/security.md. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class HostileStreamsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final int KEPT_BYTES = 16 << 20;

  /** Of each, when all of them together have more than there is room for. */
  private static final int LEAST_KEPT_BYTES = 1 << 20;

  private static final int CALLERS = 20;
  private static final int MOST_TOKENS = 1000;

  /** A twentieth of the output there is; less than half of what the bombs inflate to. */
  private static final int MOST_GROWTH_MEBIBYTES = 96;

  /** Of either protocol. */
  private static final int FUZZED_CONNECTIONS = 200;

  /** Sent on one connection: about as many as are read before one has to be refused. */
  private static final int FRAMES = 50;

  private Node node;
  private StreamCalls calls;
  private RunningPod pod;
  private String container;

  @BeforeEach
  void run(PrivateRoot home, Registry registry) throws Exception {
    node = Node.start(home, registry);
    calls = new StreamCalls(node);
    pod = RunningPod.run(node, "hostile", IMAGE);
    container = pod.start("sleep", "1000");
  }

  @AfterEach
  void end() throws Exception {
    calls.close();
    node.close();
  }

  private void othersAreServed() {
    assertThat(node.crictl().run("exec", container, "echo", "served")).isEqualTo("served");
  }

  /** Case 84: it is kept up to a bound, and read to its end, lest the command wait for ever. */
  @Test
  void outputOfManyCommandsAtOnceIsBounded() throws Exception {
    long monitorBefore = Memory.peakMebibytes(node.monitor());
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(container)
            .addAllCmd(List.of("sh", "-c", "head -c 100000000 /dev/zero; exit 3"))
            .build();
    List<Future<Integer>> kept = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Integer> call =
          () -> {
            ExecSyncResponse answer = calls.runtime().execSync(request);
            assertThat(answer.getExitCode()).isEqualTo(3);
            return answer.getStdout().size();
          };
      for (int i = 0; i < CALLERS; i++) {
        kept.add(threads.submit(call));
      }
    }
    for (Future<Integer> bytes : kept) {
      assertThat(bytes.get()).isBetween(LEAST_KEPT_BYTES, KEPT_BYTES);
    }
    assertThat(Memory.peakMebibytes(node.monitor()) - monitorBefore)
        .isLessThan(MOST_GROWTH_MEBIBYTES);
    othersAreServed();
  }

  /** Case 87: three bombs of each protocol, and ten thousand frames, are no harm to the others. */
  @Test
  void bombsAndNonsenseEndTheirConnectionAlone() throws Exception {
    long before = Memory.peakMebibytes(node.daemonProcess());
    try (SpdyClient other = calls.open(calls.execWithInput(container, "cat"))) {
      other.open("error");
      SpdyClientStream stdin = other.open("stdin");
      SpdyClientStream stdout = other.open("stdout");
      explodeHeaders();
      explodeMessages();
      RandomFrames frames = new RandomFrames(87);
      for (int number = 0; number < FUZZED_CONNECTIONS; number++) {
        try (SpdyClient client = spdyClient(number)) {
          sendAsFarAsItIsRead(() -> client.sendFrames(frames.spdy(FRAMES)));
          client.leave();
        }
        try (UpgradedConnection client = webSocketClient(number)) {
          sendAsFarAsItIsRead(() -> client.send(frames.webSocket(FRAMES)));
          client.leave();
        }
      }
      stdin.send("still heard");
      stdin.finish();
      assertThat(stdout.text()).isEqualTo("still heard");
    }
    assertThat(Memory.peakMebibytes(node.daemonProcess()) - before)
        .isLessThan(MOST_GROWTH_MEBIBYTES);
    othersAreServed();
  }

  /** Of 64 MiB of zeros 64 KiB are left, cut to what a frame may have. */
  private void explodeHeaders() throws Exception {
    byte[] huge = new byte[64 << 20];
    for (SpdyClient client :
        List.of(
            calls.open(calls.exec(container, "true")),
            calls.open(calls.attach(container)),
            calls.openForward(pod.id()))) {
      try (client) {
        SpdyClientStream stream = client.openWithBlock(huge);
        assertThat(stream.text()).isEmpty();
        assertThat(stream.end()).isEqualTo(SpdyClientStream.End.CUT);
      }
    }
  }

  /** A length that nobody has memory for, a message without end, and one said to be compressed. */
  private void explodeMessages() throws Exception {
    ByteBuffer endless = ByteBuffer.allocate(4 << 20).putShort((short) 0x02fe);
    while (endless.remaining() > (1 << 16) + 16) {
      endless.putShort((short) 0xffff).putInt(0).position(endless.position() + 0xffff);
      endless.putShort((short) 0x00fe);
    }
    ByteBuffer huge = ByteBuffer.allocate(10).putShort((short) 0x82ff).putLong(1L << 62);
    ByteBuffer compressed = ByteBuffer.allocate(9).putShort((short) 0xc283).putInt(0);
    for (ByteBuffer bomb : List.of(huge, endless, compressed)) {
      try (UpgradedConnection client =
          UpgradedConnection.webSocket(calls.attach(container), "v5.channel.k8s.io")) {
        byte[] bytes = new byte[bomb.position()];
        bomb.flip().get(bytes);
        sendAsFarAsItIsRead(() -> client.send(bytes));
        client.awaitClose();
      }
    }
  }

  private interface Sending {
    void run() throws IOException;
  }

  private static void sendAsFarAsItIsRead(Sending sending) {
    try {
      sending.run();
    } catch (IOException _) {
      // It was cut off while it sent.
    }
  }

  /** Commands are few of them: each is a process. */
  private SpdyClient spdyClient(int number) throws IOException {
    SpdyClient client =
        switch (number % 20) {
          case 0 -> calls.open(calls.execWithInput(container, "cat"));
          case 1, 2, 3, 4, 5 -> calls.openForward(pod.id());
          default -> calls.open(calls.attach(container));
        };
    if (number % 20 == 0) {
      client.open("error");
      client.open("stdin");
      client.open("stdout");
    }
    return client;
  }

  private UpgradedConnection webSocketClient(int number) throws IOException {
    return switch (number % 20) {
      case 0 ->
          UpgradedConnection.webSocket(calls.execWithInput(container, "cat"), "v5.channel.k8s.io");
      case 1, 2 -> UpgradedConnection.webSocket(calls.forward(pod.id(), 1), "v4.channel.k8s.io");
      case 3, 4 ->
          UpgradedConnection.webSocket(calls.forward(pod.id()), "SPDY/3.1+portforward.k8s.io");
      case 5, 6, 7 ->
          UpgradedConnection.webSocket(calls.attach(container), "base64.channel.k8s.io");
      default -> UpgradedConnection.webSocket(calls.attach(container), "v5.channel.k8s.io");
    };
  }

  /** Case 88. */
  @Test
  void aUrlIsGoodOnceForItsCallAndOnThisNodeAlone() throws Exception {
    assertOnlyLoopbackIsListenedOn();
    URI used = calls.exec(container, "true");
    assertThat(status(used.getPath(), used)).isEqualTo("400"); // no upgrade, and used up
    assertThat(status(used.getPath(), used)).isEqualTo("404");
    URI other = calls.exec(container, "true");
    assertThat(status(other.getPath().replace("/exec/", "/attach/"), other)).isEqualTo("404");
    assertThat(status(other.getPath(), other)).isEqualTo("404");
    String guess = "/exec/" + "A".repeat(43);
    assertThat(status(guess, other)).isEqualTo("404");

    List<String> tokens = new ArrayList<>();
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> {
          while (tokens.size() <= MOST_TOKENS) {
            tokens.add(calls.exec(container, "true").getPath());
          }
        })
        .withMessageStartingWith("RESOURCE_EXHAUSTED");
    assertThat(tokens).doesNotHaveDuplicates().allMatch(path -> path.length() >= 6 + 43);
  }

  private static String status(String path, URI url) throws IOException {
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      String request = "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".formatted(path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(60_000);
      byte[] answer = socket.getInputStream().readNBytes(12);
      return new String(answer, 9, 3, StandardCharsets.US_ASCII);
    }
  }

  /** Nobody outside of the node gets at it, unless it is configured so. */
  private void assertOnlyLoopbackIsListenedOn() throws Exception {
    URI url = calls.exec(container, "true");
    assertThat(InetAddress.getByName(url.getHost()).isLoopbackAddress()).isTrue();
    for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(card.getInetAddresses())) {
        if (!address.isLoopbackAddress()) {
          assertThatExceptionOfType(IOException.class)
              .as(address.toString())
              .isThrownBy(() -> new Socket(address, url.getPort()).close());
        }
      }
    }
  }
}
