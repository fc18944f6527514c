package io.crij.server.streaming.spdy;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates the header blocks of one connection, which are one zlib stream with SPDY's dictionary
 * (draft 3, section 2.6.10). Each is bounded, whatever it inflates to.
 */
final class HeaderBlocks implements AutoCloseable {
  /** Of a block when it is inflated; those of Kubernetes' clients have less than 200 bytes. */
  static final int MAX_BYTES = 16 << 10;

  static final int MAX_HEADERS = 64;

  private final Inflater inflater = new Inflater();
  private final byte[] block = new byte[MAX_BYTES];

  /** Reads a block to the buffer's end. */
  Map<String, String> read(ByteBuf compressed) {
    ByteBuffer inflated = ByteBuffer.wrap(block, 0, inflate(compressed));
    int count = integer(inflated);
    if (count < 0 || count > MAX_HEADERS) {
      throw new SpdyException(
          "a header block with " + Integer.toUnsignedString(count) + " headers");
    }
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = text(inflated).toLowerCase(Locale.ROOT);
      String values = text(inflated);
      int end = values.indexOf('\0');
      headers.putIfAbsent(name, end < 0 ? values : values.substring(0, end));
    }
    if (inflated.hasRemaining()) {
      throw new SpdyException("a header block with " + inflated.remaining() + " bytes too many");
    }
    return headers;
  }

  private int inflate(ByteBuf compressed) {
    inflater.setInput(compressed.nioBuffer());
    compressed.skipBytes(compressed.readableBytes());
    int size = 0;
    try {
      while (true) {
        int n = inflater.inflate(block, size, MAX_BYTES - size);
        size += n;
        if (n == 0 && inflater.needsDictionary()) {
          inflater.setDictionary(Dictionary.bytes());
        } else if (n == 0) {
          break;
        }
      }
    } catch (DataFormatException | IllegalArgumentException e) {
      throw new SpdyException("a header block that is no zlib stream: " + e.getMessage());
    }
    if (inflater.getRemaining() > 0) {
      throw new SpdyException("a header block of more than " + MAX_BYTES + " bytes");
    }
    // The buffer belongs to the caller again.
    inflater.setInput(new byte[0]);
    return size;
  }

  private static String text(ByteBuffer inflated) {
    int length = integer(inflated);
    if (length < 0 || length > inflated.remaining()) {
      throw new SpdyException(
          "a header block with a text of " + Integer.toUnsignedString(length) + " bytes");
    }
    byte[] bytes = new byte[length];
    inflated.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int integer(ByteBuffer inflated) {
    if (inflated.remaining() < Integer.BYTES) {
      throw new SpdyException("a header block that ends too early");
    }
    return inflated.getInt();
  }

  @Override
  public void close() {
    inflater.end();
  }
}
