package io.crij.server.streaming.spdy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Frames from bytes. DATA is passed on in pieces as it comes, so its length of up to 16 MiB costs
 * nothing; frames of control are small, or an error.
 */
final class SpdyDecoder extends ByteToMessageDecoder {
  /** Of a frame of control: some ten times what the largest of Kubernetes' clients has. */
  static final int MAX_CONTROL_BYTES = 16 << 10;

  private static final int HEADER_BYTES = 8;
  private static final int CONTROL = 0x80000000;
  private static final int LENGTH = 0xffffff;
  private static final int LENGTH_BITS = 24;
  private static final int VERSION = 3;
  private static final int SYN_STREAM_BYTES = 10;

  private final HeaderBlocks headers = new HeaderBlocks();

  /** Of the DATA frame under way. */
  private int dataStream;

  private boolean dataLast;
  private int dataLeft;

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    try {
      decode(in, out);
    } catch (SpdyException e) {
      in.skipBytes(in.readableBytes()); // nothing after it means anything
      throw e;
    }
  }

  private void decode(ByteBuf in, List<Object> out) {
    if (dataLeft > 0) {
      out.add(dataPiece(in));
      return;
    }
    if (in.readableBytes() < HEADER_BYTES) {
      return;
    }
    int first = in.getInt(in.readerIndex());
    int second = in.getInt(in.readerIndex() + Integer.BYTES);
    int length = second & LENGTH;
    int flags = second >>> LENGTH_BITS;
    if ((first & CONTROL) == 0) {
      in.skipBytes(HEADER_BYTES);
      startData(in, first, flags, length, out);
      return;
    }
    int version = first >>> Short.SIZE & 0x7fff;
    if (version != VERSION) {
      throw new SpdyException("SPDY of version " + version);
    }
    if (length > MAX_CONTROL_BYTES) {
      throw new SpdyException("a frame of control of " + length + " bytes");
    }
    if (in.readableBytes() >= HEADER_BYTES + length) {
      in.skipBytes(HEADER_BYTES);
      control(first, flags, in.readSlice(length), out);
    }
  }

  private void startData(ByteBuf in, int stream, int flags, int length, List<Object> out) {
    dataStream = stream;
    dataLast = (flags & SpdyFrames.LAST) != 0;
    dataLeft = length;
    if (length == 0) {
      out.add(new SpdyFrame.Data(stream, in.readRetainedSlice(0), dataLast));
    }
  }

  private SpdyFrame dataPiece(ByteBuf in) {
    int n = Math.min(in.readableBytes(), dataLeft);
    dataLeft -= n;
    return new SpdyFrame.Data(dataStream, in.readRetainedSlice(n), dataLast && dataLeft == 0);
  }

  private void control(int first, int flags, ByteBuf body, List<Object> out) {
    switch (first & 0xffff) {
      case SpdyFrames.SYN_STREAM -> {
        require(body, SYN_STREAM_BYTES);
        int stream = body.readInt() & ~CONTROL;
        body.skipBytes(SYN_STREAM_BYTES - Integer.BYTES);
        boolean last = (flags & SpdyFrames.LAST) != 0;
        out.add(new SpdyFrame.Open(stream, headers.read(body), last));
      }
      case SpdyFrames.RST_STREAM -> {
        require(body, Integer.BYTES);
        out.add(new SpdyFrame.Reset(body.readInt() & ~CONTROL));
      }
      case SpdyFrames.PING -> {
        require(body, Integer.BYTES);
        out.add(new SpdyFrame.Ping(body.readInt()));
      }
      case SpdyFrames.GOAWAY -> out.add(new SpdyFrame.GoAway());
      // Their blocks belong to the same zlib stream.
      case SpdyFrames.SYN_REPLY, SpdyFrames.HEADERS -> {
        require(body, Integer.BYTES);
        body.skipBytes(Integer.BYTES);
        headers.read(body);
      }
      // SETTINGS and WINDOW_UPDATE have no effect: TCP's window is the only one, as with
      // Kubernetes' own server.
      default -> {}
    }
  }

  private static void require(ByteBuf body, int bytes) {
    if (body.readableBytes() < bytes) {
      throw new SpdyException("a frame of control of " + body.readableBytes() + " bytes");
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    headers.close();
  }
}
