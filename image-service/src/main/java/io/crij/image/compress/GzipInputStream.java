package io.crij.image.compress;

import io.crij.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * Inflates gzip (RFC 1952), member after member to the end of the stream. The JDK's own stream asks
 * {@code available()} whether a member follows, which a network stream cannot tell. What follows
 * the last member and is none is an error, as it is to all who hash what they inflate.
 */
final class GzipInputStream extends InputStream {
  private static final int FHCRC = 2;
  private static final int FEXTRA = 4;
  private static final int FNAME = 8;
  private static final int FCOMMENT = 16;
  private static final int DEFLATE = 8;
  private static final int TRAILER_BYTES = 8;
  private static final int MOST_HEADER_TEXT = 1 << 16;

  private final InputStream in;
  private final RawInflater inflater;
  private final CRC32 crc = new CRC32();
  private final byte[] input = new byte[RawInflater.INPUT_BYTES];
  private long memberBytes;
  private int position;
  private int limit;
  private boolean inMember;
  private boolean ended;

  GzipInputStream(InputStream in) throws IOException {
    this(in, RawInflater.open());
  }

  GzipInputStream(InputStream in, RawInflater inflater) throws IOException {
    this.in = in;
    this.inflater = inflater;
    boolean started = false;
    try {
      startMember();
      started = true;
    } finally {
      if (!started) {
        inflater.close();
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      int n = inflate(buffer, offset, length);
      if (n > 0) {
        crc.update(buffer, offset, n);
        memberBytes += n;
        return n;
      }
      if (inflater.finished()) {
        endMember();
      } else {
        feed();
      }
    }
    return -1;
  }

  private int inflate(byte[] buffer, int offset, int length) {
    try {
      return inflater.inflate(buffer, offset, length);
    } catch (DataFormatException e) {
      throw new ImageException.FailedPrecondition("damaged gzip stream: " + e.getMessage(), e);
    }
  }

  private void feed() throws IOException {
    if (!fill()) {
      throw malformed("it ends in the middle");
    }
    inflater.setInput(input, position, limit - position);
    position = limit;
  }

  private void endMember() throws IOException {
    position = limit - inflater.remaining();
    long sum = 0;
    long size = 0;
    for (int i = 0; i < TRAILER_BYTES; i++) {
      long b = next();
      if (i < TRAILER_BYTES / 2) {
        sum |= b << (8 * i);
      } else {
        size |= b << (8 * (i - TRAILER_BYTES / 2));
      }
    }
    if (sum != crc.getValue() || size != (memberBytes & 0xffffffffL)) {
      throw malformed("its checksum is wrong");
    }
    inMember = false;
    ended = !fill();
    if (!ended) {
      startMember();
      inflater.reset();
      crc.reset();
      memberBytes = 0;
      inflater.setInput(input, position, limit - position);
      position = limit;
    }
  }

  private void startMember() throws IOException {
    inMember = true;
    if (next() != 0x1f || next() != 0x8b || next() != DEFLATE) {
      throw malformed("a header is wrong");
    }
    int flags = next();
    for (int i = 0; i < 6; i++) {
      next();
    }
    if ((flags & FEXTRA) != 0) {
      int extra = next() | (next() << 8);
      for (int i = 0; i < extra; i++) {
        next();
      }
    }
    if ((flags & FNAME) != 0) {
      skipText();
    }
    if ((flags & FCOMMENT) != 0) {
      skipText();
    }
    if ((flags & FHCRC) != 0) {
      next();
      next();
    }
  }

  private void skipText() throws IOException {
    for (int i = 0; next() != 0; i++) {
      if (i == MOST_HEADER_TEXT) {
        throw malformed("a header is too long");
      }
    }
  }

  private int next() throws IOException {
    if (!fill()) {
      throw malformed("it ends in the middle");
    }
    return input[position++] & 0xff;
  }

  private boolean fill() throws IOException {
    if (position < limit) {
      return true;
    }
    int n = in.read(input, 0, input.length);
    position = 0;
    limit = Math.max(n, 0);
    return n > 0;
  }

  private ImageException malformed(String reason) {
    return new ImageException.FailedPrecondition(
        (inMember ? "damaged gzip stream: " : "damaged gzip stream after a member: ") + reason);
  }

  @Override
  public void close() throws IOException {
    inflater.close();
    in.close();
  }
}
