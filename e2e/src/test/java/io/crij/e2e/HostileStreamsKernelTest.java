package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.Memory;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
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
import java.util.Random;
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

  private static final int RANDOM_CONNECTIONS = 150;

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

  /** Case 87. */
  @Test
  void bombsAndNonsenseOfSpdyEndTheirConnectionAlone() throws Exception {
    long before = Memory.peakMebibytes(node.daemonProcess());
    AttachRequest attach =
        AttachRequest.newBuilder().setContainerId(container).setStdout(true).build();
    byte[] huge = new byte[64 << 20];
    for (int round = 0; round < 5; round++) {
      for (SpdyClient client :
          List.of(
              calls.open(calls.exec(container, "true")),
              calls.open(calls.attach(attach)),
              calls.openForward(pod.id()))) {
        try (client) {
          // Of 64 MiB of zeros 64 KiB are left, cut to what a frame may have.
          SpdyClientStream stream = client.openWithBlock(huge);
          assertThat(stream.text()).isEmpty();
          assertThat(stream.end()).isEqualTo(SpdyClientStream.End.CUT);
        }
      }
    }
    Random random = new Random(87);
    for (int i = 0; i < RANDOM_CONNECTIONS; i++) {
      try (SpdyClient client = calls.open(calls.exec(container, "true"))) {
        client.sendFrames(frames(random));
      } catch (IOException _) {
        // It was cut off while it sent.
      }
    }
    assertThat(Memory.peakMebibytes(node.daemonProcess()) - before)
        .isLessThan(MOST_GROWTH_MEBIBYTES);
    othersAreServed();
  }

  /** Some with the header of a frame, so that they are not all refused by their first byte. */
  private static byte[] frames(Random random) {
    ByteBuffer frames = ByteBuffer.allocate(4096);
    while (frames.remaining() > 300) {
      byte[] body = new byte[random.nextInt(200)];
      random.nextBytes(body);
      if (random.nextBoolean()) {
        frames.putShort((short) 0x8003).putShort((short) (1 + random.nextInt(10)));
      } else {
        frames.putInt(random.nextInt(9));
      }
      frames.putInt(body.length).put(body);
    }
    return frames.array();
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
