package io.crij.image.compress;

import io.crij.linux.codec.NativeInflater;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates raw DEFLATE (RFC 1951), by what the node has. */
sealed interface RawInflater extends AutoCloseable {
  /** The most bytes of input that are given at a time. */
  int INPUT_BYTES = NativeInflater.INPUT_BYTES;

  /** The faster one of those that are there. */
  static RawInflater open() {
    return NativeInflater.isAvailable()
        ? new OfIsal(NativeInflater.create())
        : new OfJdk(new Inflater(true));
  }

  void setInput(byte[] bytes, int offset, int count);

  /** At most so many bytes; none when input is wanting or the stream ended. */
  int inflate(byte[] target, int offset, int count) throws DataFormatException;

  boolean finished();

  /** How many bytes of the input were not taken. */
  int remaining();

  /** Begins another stream. */
  void reset();

  @Override
  void close();

  /** ISA-L: more than twice as fast. */
  record OfIsal(NativeInflater inflater) implements RawInflater {
    @Override
    public void setInput(byte[] bytes, int offset, int count) {
      inflater.setInput(bytes, offset, count);
    }

    @Override
    public int inflate(byte[] target, int offset, int count) throws DataFormatException {
      return inflater.inflate(target, offset, count);
    }

    @Override
    public boolean finished() {
      return inflater.finished();
    }

    @Override
    public int remaining() {
      return inflater.remaining();
    }

    @Override
    public void reset() {
      inflater.reset();
    }

    @Override
    public void close() {
      inflater.close();
    }
  }

  /** The JDK's zlib: always there. */
  record OfJdk(Inflater inflater) implements RawInflater {
    @Override
    public void setInput(byte[] bytes, int offset, int count) {
      inflater.setInput(bytes, offset, count);
    }

    @Override
    public int inflate(byte[] target, int offset, int count) throws DataFormatException {
      int n = inflater.inflate(target, offset, count);
      if (n == 0 && inflater.needsDictionary()) {
        throw new DataFormatException("wants a dictionary");
      }
      return n;
    }

    @Override
    public boolean finished() {
      return inflater.finished();
    }

    @Override
    public int remaining() {
      return inflater.getRemaining();
    }

    @Override
    public void reset() {
      inflater.reset();
    }

    @Override
    public void close() {
      inflater.end();
    }
  }
}
