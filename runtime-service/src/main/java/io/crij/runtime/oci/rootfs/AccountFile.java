package io.crij.runtime.oci.rootfs;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The lines of passwd(5) or group(5) that have enough fields. */
final class AccountFile implements Iterable<List<String>> {
  // passwd(5) has seven. An image may have lines of millions.
  private static final int FIELDS_LIMIT = 8;

  private final byte[] content;
  private final int fields;

  /**
   * @param fields a line with fewer is passed over
   */
  AccountFile(byte[] content, int fields) {
    this.content = content.clone();
    this.fields = fields;
  }

  @Override
  public Iterator<List<String>> iterator() {
    return new Lines();
  }

  // One line at a time: the file may be as large as its limit.
  private final class Lines implements Iterator<List<String>> {
    private int position;
    private List<String> next = advance();

    private List<String> advance() {
      while (position < content.length) {
        int end = position;
        while (end < content.length && content[end] != '\n') {
          end++;
        }
        String line = new String(content, position, end - position, StandardCharsets.UTF_8);
        position = end + 1;
        List<String> values = List.of(line.split(":", FIELDS_LIMIT));
        if (values.size() >= fields) {
          return values;
        }
      }
      return List.of();
    }

    @Override
    public boolean hasNext() {
      return !next.isEmpty();
    }

    @Override
    public List<String> next() {
      if (next.isEmpty()) {
        throw new NoSuchElementException();
      }
      List<String> result = next;
      next = advance();
      return result;
    }
  }
}
