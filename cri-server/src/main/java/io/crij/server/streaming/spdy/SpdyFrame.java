package io.crij.server.streaming.spdy;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;
import java.util.Map;

/** What a client sends, as far as it means anything here. */
sealed interface SpdyFrame {
  /**
   * SYN_STREAM.
   *
   * @param headers by their names in lower case; of several values the first
   * @param last the client sends nothing more on it
   */
  record Open(int stream, Map<String, String> headers, boolean last) implements SpdyFrame {}

  /**
   * A piece of a DATA frame, which the taker owns.
   *
   * @param last the client sends nothing more on it
   */
  record Data(int stream, ByteBuf bytes, boolean last) implements SpdyFrame {}

  /** RST_STREAM. */
  record Reset(int stream) implements SpdyFrame {}

  /** PING. */
  record Ping(int id) implements SpdyFrame {}

  /** GOAWAY. */
  record GoAway() implements SpdyFrame {}

  /** Of a frame that nobody takes. */
  static void release(SpdyFrame frame) {
    if (frame instanceof Data(_, ReferenceCounted bytes, _)) {
      bytes.release();
    }
  }
}
