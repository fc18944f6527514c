package io.crij.linux.codec;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Objects;
import java.util.zip.DataFormatException;

/**
 * Inflates raw DEFLATE (RFC 1951), as {@link java.util.zip.Inflater} does, faster, where ISA-L is
 * installed. For one thread at a time.
 */
public final class NativeInflater implements AutoCloseable {
  /** The most bytes of input it takes at a time. */
  public static final int INPUT_BYTES = 64 * 1024;

  private static final int OUTPUT_BYTES = 128 * 1024;

  // struct inflate_state of igzip_lib.h, the same since its version 2.19. It has 87 368 bytes.
  private static final int STATE_BYTES = 128 * 1024;
  private static final int NEXT_OUT = 0;
  private static final int AVAIL_OUT = 8;
  private static final int NEXT_IN = 16;
  private static final int AVAIL_IN = 32;
  private static final int READ_IN_LENGTH = 36;
  private static final int BLOCK_STATE = 21_160;
  private static final int BLOCK_FINISH = 5;

  private static final int NEEDS_DICTIONARY = 6;

  private final Memory memory = new Memory(STATE_BYTES + INPUT_BYTES + OUTPUT_BYTES);
  private final long address = Pointer.nativeValue(memory);

  NativeInflater() {
    reset();
  }

  public static boolean isAvailable() {
    return Libisal.isUsable();
  }

  /**
   * A new stream.
   *
   * @throws UnsupportedOperationException if the library is not there
   */
  public static NativeInflater create() {
    if (!isAvailable()) {
      throw new UnsupportedOperationException("no libisal");
    }
    return new NativeInflater();
  }

  /** Begins another stream; the input that remains is forgotten. */
  public void reset() {
    Libisal.isal_inflate_init(address);
    memory.setInt(AVAIL_IN, 0);
  }

  /** Gives more input, when all of what was given before was taken. */
  public void setInput(byte[] bytes, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    if (count > INPUT_BYTES) {
      throw new IllegalArgumentException(count + " bytes at once");
    }
    memory.write(STATE_BYTES, bytes, offset, count);
    memory.setLong(NEXT_IN, address + STATE_BYTES);
    memory.setInt(AVAIL_IN, count);
  }

  /**
   * Inflates at most so many bytes; fewer, or none, when input is wanting or the stream ended.
   *
   * @throws DataFormatException if the stream is malformed
   */
  public int inflate(byte[] target, int offset, int count) throws DataFormatException {
    Objects.checkFromIndexSize(offset, count, target.length);
    int most = Math.min(count, OUTPUT_BYTES);
    if (most == 0 || finished()) {
      return 0;
    }
    int output = STATE_BYTES + INPUT_BYTES;
    memory.setLong(NEXT_OUT, address + output);
    memory.setInt(AVAIL_OUT, most);
    int result = Libisal.isal_inflate(address);
    if (result < 0 || result == NEEDS_DICTIONARY) {
      throw new DataFormatException("malformed DEFLATE (ISA-L: " + result + ")");
    }
    int n = most - memory.getInt(AVAIL_OUT);
    memory.read(output, target, offset, n);
    return n;
  }

  /** Whether the end of the stream was inflated. */
  public boolean finished() {
    return memory.getInt(BLOCK_STATE) == BLOCK_FINISH;
  }

  /** How much of the input was not taken; at the end, what is behind the stream. */
  public int remaining() {
    return memory.getInt(AVAIL_IN) + Math.max(0, memory.getInt(READ_IN_LENGTH)) / Byte.SIZE;
  }

  @Override
  public void close() {
    memory.close();
  }
}
