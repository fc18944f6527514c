package io.crij.image.registry;

import io.crij.image.registry.session.HttpStatus;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a blob, and which part an answer holds (RFC 9110, section 14).
 *
 * @param from the first byte
 * @param to the byte behind the last
 * @param size of the whole blob, in bytes
 */
record BlobRange(long from, long to, long size) {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

  BlobRange {
    Objects.checkFromToIndex(from, to, size);
  }

  /** What to ask for it with. */
  Map<String, String> headers() {
    if (from == 0 && to == size) {
      return Map.of();
    }
    return Map.of("Range", "bytes=" + from + "-" + (to == size ? "" : to - 1));
  }

  /**
   * Checks that a body holds this part or, of status 200, the whole blob, as far as its headers
   * say.
   */
  void check(Reply reply) throws RefusedException {
    checkPlain(reply);
    boolean whole = reply.status() == HttpStatus.OK;
    if (!whole) {
      checkContentRange(reply);
    }
    long expected = whole ? size : to - from;
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

  private void checkContentRange(Reply reply) throws RefusedException {
    String text = reply.header("content-range");
    Matcher range = CONTENT_RANGE.matcher(text == null ? "" : text);
    if (!range.matches()
        || Long.parseLong(range.group(1)) != from
        || Long.parseLong(range.group(2)) != to - 1
        || !(range.group(3).equals("*") || Long.parseLong(range.group(3)) == size)) {
      throw new RefusedException("sends another range than was asked for");
    }
  }
}
