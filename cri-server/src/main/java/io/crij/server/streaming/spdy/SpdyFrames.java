package io.crij.server.streaming.spdy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Frames to bytes. */
final class SpdyFrames {
  static final int SYN_STREAM = 1;
  static final int SYN_REPLY = 2;
  static final int RST_STREAM = 3;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int HEADERS = 8;

  /** FLAG_FIN. */
  static final int LAST = 1;

  /** Why a stream is reset (RST_STREAM). */
  enum Reason {
    PROTOCOL_ERROR(1),
    REFUSED_STREAM(3),
    CANCEL(5);

    private final int code;

    Reason(int code) {
      this.code = code;
    }
  }

  private static final int CONTROL = 0x8003;
  private static final int HEADER_BYTES = 8;
  private static final int LENGTH_BITS = 24;

  /** Compressed with a dictionary (RFC 1950), whose checksum follows. */
  private static final int ZLIB_HEADER = 0x7820;

  /** No header: a stored block of four zero bytes, then an empty one, as a flush ends. */
  private static final byte[] NO_HEADERS = {
    0, 4, 0, (byte) 0xfb, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff
  };

  private static final int ZLIB_HEADER_BYTES = 6;

  private SpdyFrames() {}

  /** What stands before {@code length} bytes of data. */
  static ByteBuf dataHeader(ByteBufAllocator memory, int stream, int length, boolean last) {
    return memory
        .directBuffer(HEADER_BYTES, HEADER_BYTES)
        .writeInt(stream)
        .writeInt((last ? LAST << LENGTH_BITS : 0) | length);
  }

  /**
   * SYN_REPLY without headers.
   *
   * @param first of the connection: it begins the zlib stream
   */
  static ByteBuf reply(ByteBufAllocator memory, int stream, boolean first) {
    int length = Integer.BYTES + NO_HEADERS.length + (first ? ZLIB_HEADER_BYTES : 0);
    ByteBuf frame = control(memory, SYN_REPLY, length).writeInt(stream);
    if (first) {
      frame.writeShort(ZLIB_HEADER).writeInt(Dictionary.checksum());
    }
    return frame.writeBytes(NO_HEADERS);
  }

  static ByteBuf reset(ByteBufAllocator memory, int stream, Reason reason) {
    return control(memory, RST_STREAM, 2 * Integer.BYTES).writeInt(stream).writeInt(reason.code);
  }

  static ByteBuf ping(ByteBufAllocator memory, int id) {
    return control(memory, PING, Integer.BYTES).writeInt(id);
  }

  /**
   * GOAWAY.
   *
   * @param lastStream the last that was accepted
   * @param status 0: all is well; 1: the client broke the protocol
   */
  static ByteBuf goAway(ByteBufAllocator memory, int lastStream, int status) {
    return control(memory, GOAWAY, 2 * Integer.BYTES).writeInt(lastStream).writeInt(status);
  }

  private static ByteBuf control(ByteBufAllocator memory, int type, int length) {
    return memory
        .directBuffer(HEADER_BYTES + length, HEADER_BYTES + length)
        .writeShort(CONTROL)
        .writeShort(type)
        .writeInt(length);
  }
}
