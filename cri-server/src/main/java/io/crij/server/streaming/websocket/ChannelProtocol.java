package io.crij.server.streaming.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subprotocol of channels: each message begins with its channel's number.
 *
 * @param name as negotiated; empty: none was asked for
 * @param base64 the number is a digit, and the rest text
 * @param jsonStatus an error is told as JSON
 * @param closesChannels the client can end a channel of its own
 */
public record ChannelProtocol(
    String name, boolean base64, boolean jsonStatus, boolean closesChannels) {
  private static final int LAST = 0x80;
  private static final int BINARY = 2;
  private static final int LONG_LENGTH = 127;
  private static final int HEADER_BYTES = 2 + Long.BYTES + 1;

  /** Of exec and attach. */
  public static final List<ChannelProtocol> COMMAND =
      List.of(
          new ChannelProtocol("v5.channel.k8s.io", false, true, true),
          new ChannelProtocol("v4.channel.k8s.io", false, true, false),
          new ChannelProtocol("v4.base64.channel.k8s.io", true, true, false),
          new ChannelProtocol("channel.k8s.io", false, false, false),
          new ChannelProtocol("base64.channel.k8s.io", true, false, false),
          new ChannelProtocol("", false, false, false));

  /** Of port forwarding. */
  public static final List<ChannelProtocol> FORWARD =
      List.of(
          new ChannelProtocol("v4.channel.k8s.io", false, true, false),
          new ChannelProtocol("v4.base64.channel.k8s.io", true, true, false),
          new ChannelProtocol("", false, false, false));

  /** Finds one by its name. */
  public static @Nullable ChannelProtocol find(List<ChannelProtocol> among, String name) {
    for (ChannelProtocol protocol : among) {
      if (protocol.name.equals(name)) {
        return protocol;
      }
    }
    return null;
  }

  /** A message on a channel; takes the bytes. */
  WebSocketFrame message(int channel, ByteBuf bytes) {
    if (!base64) {
      ByteBuf number = bytes.alloc().directBuffer(1, 1).writeByte(channel);
      return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(number, bytes));
    }
    try {
      ByteBuf number = bytes.alloc().directBuffer(1, 1).writeByte('0' + channel);
      return new TextWebSocketFrame(Unpooled.wrappedBuffer(number, Base64.encode(bytes, false)));
    } finally {
      bytes.release();
    }
  }

  /**
   * What stands before the bytes of a message that is no text, as they go over the socket: a frame
   * with an extended length and without a mask (RFC 6455, section 5.2), and the number.
   */
  static ByteBuf header(int channel, long length, ByteBufAllocator memory) {
    return memory
        .directBuffer(HEADER_BYTES, HEADER_BYTES)
        .writeByte(LAST | BINARY)
        .writeByte(LONG_LENGTH)
        .writeLong(length + 1)
        .writeByte(channel);
  }

  /** Which channel a message is for, by its first byte. */
  int channel(int first) {
    return base64 ? first - '0' : first;
  }

  /**
   * The bytes of a message without its first, which the taker owns.
   *
   * @throws IllegalArgumentException for what is no Base64
   */
  ByteBuf bytes(ByteBuf rest) {
    return base64 ? Base64.decode(rest) : rest.retain();
  }
}
