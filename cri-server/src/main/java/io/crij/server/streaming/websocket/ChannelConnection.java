package io.crij.server.streaming.websocket;

import io.crij.server.streaming.client.ClientConnection;
import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Flow;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's side of a WebSocket whose messages belong to channels. */
public final class ChannelConnection extends SimpleChannelInboundHandler<WebSocketFrame>
    implements ClientConnection {
  /** In place of a channel's number: the client ends the channel whose number follows. */
  private static final int CLOSE = 255;

  private final Flow flow;
  private final ChannelProtocol protocol;
  private final List<ChannelStream> channels = new ArrayList<>();
  private boolean ended;

  public ChannelConnection(Flow flow, ChannelProtocol protocol, int channels) {
    this.flow = flow;
    this.protocol = protocol;
    for (int number = 0; number < channels; number++) {
      this.channels.add(new ChannelStream(number, this));
    }
  }

  /** Adds what takes its messages to the pipeline, before {@link Flow}. */
  public void addTo(ChannelPipeline pipeline, String before) {
    pipeline.addBefore(before, "channels", this);
  }

  @Override
  public Flow flow() {
    return flow;
  }

  public ClientStream channel(int number) {
    return channels.get(number);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    switch (frame) {
      case CloseWebSocketFrame _ -> flow.close();
      case PingWebSocketFrame ping -> {
        // A client that does not take the answers to its pings is not read from.
        if (context.channel().isWritable()) {
          var _ = context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
      }
      case PongWebSocketFrame _ -> {}
      default -> {
        if (!ended && frame.content().isReadable()) {
          receive(frame.content());
        }
      }
    }
  }

  private void receive(ByteBuf message) {
    int first = message.readUnsignedByte();
    if (protocol.closesChannels() && first == CLOSE) {
      ChannelStream closed = message.readableBytes() == 1 ? find(message.readUnsignedByte()) : null;
      if (closed == null) {
        flow.close();
      } else {
        closed.clientEnded();
      }
      return;
    }
    ChannelStream stream = find(protocol.channel(first));
    if (stream != null) {
      stream.received(protocol.bytes(message));
    }
  }

  private @Nullable ChannelStream find(int number) {
    return number >= 0 && number < channels.size() ? channels.get(number) : null;
  }

  void write(int channel, ByteBuf bytes) {
    var _ = flow.channel().write(protocol.message(channel, bytes));
  }

  boolean passes() {
    return !protocol.base64() && flow.plainSocket() != null;
  }

  void pass(int channel, FileRegion bytes) {
    var _ =
        flow.channel()
            .write(ChannelProtocol.header(channel, bytes.count(), flow.channel().alloc()));
    var _ = flow.channel().write(bytes);
  }

  @Override
  public void end() {
    if (!ended) {
      ended = true;
      var _ = flow.channel().write(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
      flow.end();
    }
  }
}
