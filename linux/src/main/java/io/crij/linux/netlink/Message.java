package io.crij.linux.netlink;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A message of netlink(7): a header, the fixed part of its kind, and attributes.
 *
 * @param fixed of the kind, for example struct ifinfomsg
 * @param attributes by their type; views of what was read
 */
public record Message(int type, ByteBuffer fixed, Map<Integer, ByteBuffer> attributes) {
  static final int HEADER_BYTES = 16;
  static final int ATTRIBUTE_HEADER_BYTES = 4;

  /** Flags of the types of attributes: {@code NLA_F_NESTED} and {@code NLA_F_NET_BYTEORDER}. */
  private static final int TYPE_MASK = 0x3fff;

  private static final int ALIGNMENT = 4;

  /**
   * Reads the message at the buffer's position and moves behind it.
   *
   * @param fixedBytes how long the fixed part is, padding included
   */
  static Message next(ByteBuffer buffer, int fixedBytes) {
    int start = buffer.position();
    int length = buffer.getInt(start);
    if (length < HEADER_BYTES || length > buffer.remaining()) {
      throw new IllegalStateException("netlink: a message of " + length + " bytes is cut off");
    }
    int type = Short.toUnsignedInt(buffer.getShort(start + Integer.BYTES));
    buffer.position(Math.min(start + align(length), buffer.limit()));
    ByteBuffer body = slice(buffer, start + HEADER_BYTES, length - HEADER_BYTES);
    int fixed = Math.min(fixedBytes, body.limit());
    return new Message(
        type, slice(body, 0, fixed), attributes(slice(body, fixed, body.limit() - fixed)));
  }

  /** The attributes in an attribute, by their type; views of it. */
  public static Map<Integer, ByteBuffer> attributes(ByteBuffer buffer) {
    Map<Integer, ByteBuffer> attributes = new HashMap<>();
    int at = 0;
    while (at + ATTRIBUTE_HEADER_BYTES <= buffer.limit()) {
      int length = Short.toUnsignedInt(buffer.getShort(at));
      if (length < ATTRIBUTE_HEADER_BYTES || at + length > buffer.limit()) {
        break;
      }
      attributes.put(
          buffer.getShort(at + Short.BYTES) & TYPE_MASK,
          slice(buffer, at + ATTRIBUTE_HEADER_BYTES, length - ATTRIBUTE_HEADER_BYTES));
      at += align(length);
    }
    return attributes;
  }

  private static ByteBuffer slice(ByteBuffer buffer, int from, int length) {
    return buffer.slice(from, length).order(buffer.order());
  }

  static int align(int length) {
    return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
