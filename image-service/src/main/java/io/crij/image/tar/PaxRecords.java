package io.crij.image.tar;

import io.crij.image.ImageException;
import io.crij.linux.tree.FileTime;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records of an extended header (POSIX.1-2001 pax): {@code length key=value newline}. */
final class PaxRecords {
  private static final String XATTR = "SCHILY.xattr.";
  private static final String SPARSE_OFFSET = "GNU.sparse.offset";
  private static final String SPARSE_LENGTH = "GNU.sparse.numbytes";
  private static final String SPARSE_MAP = "GNU.sparse.map";
  private static final int MOST_SPARSE_NUMBERS = 2 << 16;
  private static final int MOST_DIGITS = 20;
  private static final int MOST_TIME_CHARACTERS = 40;

  private final Map<String, byte[]> records = new HashMap<>();
  private final Map<String, byte[]> xattrs = new HashMap<>();

  /**
   * Positions and lengths in turn; the records of these come many times, and their order counts.
   */
  private final List<Long> sparseNumbers = new ArrayList<>();

  /** Adds the records of one header; a later record replaces an earlier. */
  void parse(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      int length = 0;
      int i = at;
      while (i < bytes.length && bytes[i] >= '0' && bytes[i] <= '9' && i - at < MOST_DIGITS) {
        length = Math.min(bytes.length + 1, length * 10 + bytes[i] - '0');
        i++;
      }
      boolean fits = length > i - at && at + length <= bytes.length;
      if (!fits || bytes[i] != ' ' || bytes[at + length - 1] != '\n') {
        throw malformed("a record's length is wrong");
      }
      add(Arrays.copyOfRange(bytes, i + 1, at + length - 1));
      at += length;
    }
  }

  private void add(byte[] record) {
    int equals = 0;
    while (equals < record.length && record[equals] != '=') {
      equals++;
    }
    if (equals == record.length || equals == 0) {
      throw malformed("a record has no key or no value");
    }
    String key = new String(record, 0, equals, StandardCharsets.UTF_8);
    byte[] value = Arrays.copyOfRange(record, equals + 1, record.length);
    switch (key) {
      case SPARSE_OFFSET, SPARSE_LENGTH -> addSparse(key, value);
      case SPARSE_MAP -> {
        for (String number : new String(value, StandardCharsets.ISO_8859_1).split(",", -1)) {
          addSparse(key, number.getBytes(StandardCharsets.ISO_8859_1));
        }
      }
      default -> addNamed(key, value);
    }
  }

  private void addSparse(String key, byte[] value) {
    if (sparseNumbers.size() == MOST_SPARSE_NUMBERS) {
      throw malformed("a sparse file has too many parts");
    }
    sparseNumbers.add(number(key, value));
  }

  private void addNamed(String key, byte[] value) {
    if (key.startsWith(XATTR)) {
      String name = key.substring(XATTR.length());
      if (name.isEmpty() || name.indexOf('\0') >= 0) {
        throw malformed("an extended attribute's name is wrong");
      }
      xattrs.put(name, value);
    } else {
      records.put(key, value);
    }
  }

  Map<String, byte[]> xattrs() {
    return Map.copyOf(xattrs);
  }

  /** The map of a sparse file of forms 0.0 and 0.1; empty when there is none. */
  List<Long> sparseNumbers() {
    return sparseNumbers;
  }

  byte @Nullable [] bytes(String key) {
    byte[] value = records.get(key);
    return value == null || value.length == 0 ? null : value;
  }

  long number(String key, long otherwise) {
    byte[] value = bytes(key);
    return value == null ? otherwise : number(key, value);
  }

  private static long number(String key, byte[] value) {
    if (value.length > MOST_DIGITS) {
      throw malformed(key + " is no number");
    }
    try {
      return Long.parseLong(new String(value, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      throw malformed(key + " is no number", e);
    }
  }

  /** Seconds since 1970, with a fraction; digits beyond the nanosecond are cut. */
  FileTime time(String key, FileTime otherwise) {
    byte[] value = bytes(key);
    if (value == null) {
      return otherwise;
    }
    String text = new String(value, StandardCharsets.ISO_8859_1);
    // BigDecimal takes exponents, which would cost memory to write out.
    if (value.length > MOST_TIME_CHARACTERS || !text.matches("-?[0-9]*\\.?[0-9]*")) {
      throw malformed(key + " is no time");
    }
    try {
      BigDecimal time = new BigDecimal(text).setScale(9, RoundingMode.FLOOR);
      BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
      int nanos = time.subtract(seconds).movePointRight(9).intValueExact();
      return new FileTime(seconds.longValueExact(), nanos);
    } catch (NumberFormatException e) {
      throw malformed(key + " is no time", e);
    } catch (ArithmeticException e) {
      throw malformed(key + " is no time of this world", e);
    }
  }

  private static ImageException malformed(String reason) {
    return new ImageException.FailedPrecondition("malformed extended header: " + reason);
  }

  private static ImageException malformed(String reason, Exception cause) {
    return new ImageException.FailedPrecondition("malformed extended header: " + reason, cause);
  }
}
