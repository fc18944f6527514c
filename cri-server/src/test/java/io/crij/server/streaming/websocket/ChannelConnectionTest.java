package io.crij.server.streaming.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.client.Receiver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ChannelConnectionTest {
  private final StringBuilder received = new StringBuilder();
  private final Receiver receiver =
      new Receiver() {
        @Override
        public void data(ByteBuf bytes) {
          received.append(bytes.toString(StandardCharsets.ISO_8859_1));
          bytes.release();
        }

        @Override
        public void end() {
          received.append("<end>");
        }
      };

  private ChannelConnection connect(EmbeddedChannel channel, String protocol) {
    Flow flow = new Flow(channel);
    channel.pipeline().addLast("flow", flow);
    ChannelConnection connection =
        new ChannelConnection(
            flow,
            Objects.requireNonNull(ChannelProtocol.find(ChannelProtocol.COMMAND, protocol)),
            5);
    connection.addTo(channel.pipeline(), "flow");
    connection.channel(0).receiver(receiver);
    return connection;
  }

  private static WebSocketFrame binary(String bytes) {
    return new BinaryWebSocketFrame(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
  }

  @Test
  void messagesBelongToChannels() {
    EmbeddedChannel channel = new EmbeddedChannel();
    connect(channel, "v4.channel.k8s.io");
    channel.writeInbound(binary("\0one"), binary("\7none"), binary("\1no"), binary("\0two"));
    channel.writeInbound(binary("\u00ff\0"));
    assertThat(received).hasToString("onetwo");
    assertThat(channel.finishAndReleaseAll()).isFalse();
  }

  @Test
  void theFifthVersionEndsAChannel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    connect(channel, "v5.channel.k8s.io");
    channel.writeInbound(binary("\0one"), binary("\u00ff\0"), binary("\0two"));
    assertThat(received).hasToString("one<end>");
    channel.writeInbound(binary("\u00ff\7"));
    assertThat(channel.isActive()).as("closed, for a channel that there is not").isFalse();
    channel.finishAndReleaseAll();
  }

  @Test
  void base64IsReadAndWritten() {
    EmbeddedChannel channel = new EmbeddedChannel();
    ChannelConnection connection = connect(channel, "v4.base64.channel.k8s.io");
    channel.writeInbound(new TextWebSocketFrame("0Zm9vCgo="));
    assertThat(received).hasToString("foo\n\n");
    connection.channel(1).write(Unpooled.copiedBuffer("\n", StandardCharsets.US_ASCII));
    connection.channel(1).flush();
    TextWebSocketFrame sent = channel.readOutbound();
    assertThat(sent.text()).isEqualTo("1Cg==");
    sent.release();
    channel.writeInbound(new TextWebSocketFrame("0!!!!"));
    assertThat(channel.isActive()).as("closed, for what is no Base64").isFalse();
    channel.finishAndReleaseAll();
  }

  /** Any bytes: messages, or the connection is closed. */
  @Test
  void anyBytesAreMessagesOrTheEnd() {
    Random random = new Random(20_260_102);
    for (int round = 0; round < 10_000; round++) {
      EmbeddedChannel channel =
          new EmbeddedChannel(
              new WebSocket13FrameDecoder(
                  WebSocketDecoderConfig.newBuilder()
                      .maxFramePayloadLength(1 << 20)
                      .withUTF8Validator(false)
                      .build()),
              new WebSocketFrameAggregator(1 << 20));
      connect(channel, round % 2 == 0 ? "v5.channel.k8s.io" : "base64.channel.k8s.io");
      byte[] bytes = new byte[1 + random.nextInt(64)];
      random.nextBytes(bytes);
      if (round % 3 == 0) {
        // A beginning that is good: final, binary, masked.
        bytes[0] = (byte) 0x82;
        bytes[bytes.length > 1 ? 1 : 0] |= (byte) 0x80;
      }
      channel.writeInbound(Unpooled.wrappedBuffer(bytes));
      channel.finishAndReleaseAll();
    }
    assertThat(received.length()).isGreaterThan(0);
  }
}
