package io.crij.image.registry;

import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which part of a blob an answer holds (RFC 9110, section 14.4). */
final class BlobRange {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

  private BlobRange() {}

  /**
   * Checks that a body holds a blob of this size from this offset (or, of status 200, from the
   * start) to its end, as far as its headers say.
   */
  static void check(Reply reply, long offset, long size) throws RefusedException {
    checkPlain(reply);
    boolean whole = reply.status() == HttpStatus.OK;
    if (!whole) {
      checkContentRange(reply, offset, size);
    }
    long expected = whole ? size : size - offset;
    long length = reply.length();
    if (length >= 0 && length != expected) {
      throw new RefusedException(
          "sends %d bytes where the descriptor says %d".formatted(length, expected));
    }
  }

  /** Refuses an answer that is encoded in a way nobody asked for. */
  static void checkPlain(Reply reply) throws RefusedException {
    String encoding = reply.header("content-encoding");
    if (encoding != null && !encoding.toLowerCase(Locale.ROOT).equals("identity")) {
      throw new RefusedException("sends an encoding that was not asked for");
    }
  }

  private static void checkContentRange(Reply reply, long offset, long size)
      throws RefusedException {
    String text = reply.header("content-range");
    Matcher range = CONTENT_RANGE.matcher(text == null ? "" : text);
    if (!range.matches()
        || Long.parseLong(range.group(1)) != offset
        || Long.parseLong(range.group(2)) != size - 1
        || !(range.group(3).equals("*") || Long.parseLong(range.group(3)) == size)) {
      throw new RefusedException("sends another range than was asked for");
    }
  }
}
