package io.crij.server.streaming.spdy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.Deflater;

/** What a client sends, made as Kubernetes' clients make it. */
final class SpdyBytes implements AutoCloseable {
  private final Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);

  SpdyBytes() {
    deflater.setDictionary(Dictionary.bytes());
  }

  ByteBuf open(int stream, Map<String, String> headers) {
    ByteBuf block = Unpooled.buffer().writeInt(headers.size());
    headers.forEach((name, value) -> writeText(writeText(block, name), value));
    return open(stream, block);
  }

  /** With a header block of any content. */
  ByteBuf open(int stream, ByteBuf block) {
    ByteBuf compressed = compress(block);
    return control(SpdyFrames.SYN_STREAM, 10 + compressed.readableBytes())
        .writeInt(stream)
        .writeInt(0)
        .writeShort(0)
        .writeBytes(compressed);
  }

  static ByteBuf writeText(ByteBuf block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return block.writeInt(bytes.length).writeBytes(bytes);
  }

  private ByteBuf compress(ByteBuf block) {
    deflater.setInput(block.nioBuffer());
    byte[] out = new byte[block.readableBytes() + 1024];
    int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    return Unpooled.wrappedBuffer(out, 0, n);
  }

  static ByteBuf data(int stream, String text, boolean last) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Unpooled.buffer()
        .writeInt(stream)
        .writeInt((last ? 1 << 24 : 0) | bytes.length)
        .writeBytes(bytes);
  }

  static ByteBuf control(int type, int length) {
    return Unpooled.buffer().writeShort(0x8003).writeShort(type).writeInt(length);
  }

  @Override
  public void close() {
    deflater.end();
  }
}
