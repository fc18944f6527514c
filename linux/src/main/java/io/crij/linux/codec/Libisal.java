package io.crij.linux.codec;

import com.sun.jna.Native;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;

/** Intel's library for storage; its inflate is for any x86-64 and for AArch64. */
final class Libisal {
  private static final boolean USABLE = load();

  private Libisal() {}

  static native void isal_inflate_init(long state);

  static native int isal_inflate(long state);

  /** Whether the library is there, with a state of the form we know. */
  static boolean isUsable() {
    return USABLE;
  }

  private static boolean load() {
    try {
      Native.register(Libisal.class, "libisal.so.2");
      return isRight();
    } catch (UnsatisfiedLinkError | DataFormatException e) {
      return false;
    }
  }

  /** Inflates something, fed in three pieces with a byte behind it that is not its own. */
  private static boolean isRight() throws DataFormatException {
    byte[] text = new byte[100_000];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i * i / 1000);
    }
    byte[] packed = new byte[text.length];
    int length;
    try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
      deflater.setInput(text);
      deflater.finish();
      length = deflater.deflate(packed);
    }
    byte[] inflated = new byte[text.length];
    try (NativeInflater inflater = new NativeInflater()) {
      int count = 0;
      int[] ends = {length / 3, length / 2, length + 1};
      for (int i = 0, from = 0; i < ends.length; from = ends[i++]) {
        inflater.setInput(packed, from, ends[i] - from);
        for (int n = 1; n > 0; count += n) {
          n = inflater.inflate(inflated, count, Math.min(999, inflated.length - count));
        }
        if (inflater.finished() != (i == ends.length - 1)) {
          return false;
        }
      }
      return inflater.remaining() == 1 && Arrays.equals(inflated, text);
    }
  }
}
