package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.ChannelClient;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every version of either protocol, from the oldest client to the newest. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamProtocolsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int ERROR = 3;
  private static final int CLOSE = 255;

  private Node node;
  private StreamCalls calls;
  private String container;

  @BeforeEach
  void run(PrivateRoot home, Registry registry) throws Exception {
    node = Node.start(home, registry);
    calls = new StreamCalls(node);
    container = RunningPod.run(node, "protocols", IMAGE).start("sleep", "1000");
  }

  @AfterEach
  void end() throws Exception {
    calls.close();
    node.close();
  }

  /** Since the fourth version it is an object, before it a text. */
  private static String status(String protocol) {
    return protocol.startsWith("v4") || protocol.startsWith("v5")
        ? "\"message\":\"7\""
        : "command terminated with non-zero exit code: exit status 7";
  }

  private URI exec(String script) {
    return calls.execWithInput(container, "sh", "-c", script);
  }

  @Test
  void whatIsReadWrittenAndEndedWithIsTheSameInAll() throws Exception {
    for (String protocol :
        new String[] {
          "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"
        }) {
      try (SpdyClient client =
          SpdyClient.connect(exec("read line; echo got $line; exit 7"), protocol)) {
        SpdyClientStream error = client.open("error");
        SpdyClientStream stdin = client.open("stdin");
        SpdyClientStream stdout = client.open("stdout");
        stdin.send("words\n");
        assertThat(stdout.text()).as("SPDY " + protocol).isEqualTo("got words\n");
        assertThat(error.text()).as("SPDY " + protocol).contains(status(protocol));
      }
    }
    for (String protocol :
        new String[] {
          "v5.channel.k8s.io",
          "v4.channel.k8s.io",
          "v4.base64.channel.k8s.io",
          "channel.k8s.io",
          "base64.channel.k8s.io",
          ""
        }) {
      try (ChannelClient client =
          ChannelClient.connect(exec("read line; echo got $line; exit 7"), protocol)) {
        assertThat(client.protocol()).isEqualTo(protocol);
        client.send(STDIN, "words\n".getBytes(StandardCharsets.UTF_8));
        awaitText(client, STDOUT, "got words\n");
        awaitText(client, ERROR, status(protocol));
      }
    }
    assertTheFifthVersionEndsAnInput();
  }

  /** The others over a WebSocket have no word for it. */
  private void assertTheFifthVersionEndsAnInput() throws Exception {
    try (ChannelClient client =
        ChannelClient.connect(exec("cat; echo ended"), "v5.channel.k8s.io")) {
      client.send(STDIN, "words\n".getBytes(StandardCharsets.UTF_8));
      awaitText(client, STDOUT, "words\n");
      client.send(CLOSE, new byte[] {STDIN});
      awaitText(client, STDOUT, "words\nended\n");
      awaitText(client, ERROR, "Success");
    }
  }

  private static void awaitText(ChannelClient client, int channel, String expected) {
    Eventually.await(
        "by " + client.protocol(),
        () -> {
          assertThat(text(client, channel)).contains(expected);
          return true;
        });
  }

  private static String text(ChannelClient client, int channel) {
    return new String(client.received(channel), StandardCharsets.UTF_8);
  }
}
