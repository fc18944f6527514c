package io.crij.server.streaming.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/** The bytes of a SPDY connection as the binary messages of a WebSocket. */
public final class SpdyTunnel extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
  /** Asks for the tunnel, with the subprotocol that goes through it. */
  public static final String PREFIX = "SPDY/3.1+";

  @Override
  protected void encode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
    // Nothing is what is written last, to learn when all has gone.
    out.add(
        bytes.isReadable()
            ? new BinaryWebSocketFrame(bytes.retain())
            : new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
  }

  @Override
  protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
    switch (frame) {
      case CloseWebSocketFrame _ -> {
        var _ = context.close();
      }
      case PingWebSocketFrame ping -> {
        if (context.channel().isWritable()) {
          var _ = context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
      }
      case PongWebSocketFrame _ -> {}
      default -> out.add(frame.content().retain());
    }
  }
}
