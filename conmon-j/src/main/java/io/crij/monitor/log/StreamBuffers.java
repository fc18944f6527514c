package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import io.crij.monitor.framing.FramedLines;
import org.jspecify.annotations.Nullable;

/** What all streams share, since only one is worked on at a time: buffers and a pipe to look. */
public final class StreamBuffers implements AutoCloseable {
  /** As much as is looked at in one turn; what the largest pipe holds. */
  static final int IN_BYTES = PipeBudget.LARGEST_BYTES;

  static final int OUT_BYTES = 512 * 1024;

  private FramedLines lines = newLines();
  private @Nullable FramedLines spare;
  private final Fd nothing = Fd.open("/dev/null", Fd.O_WRONLY, 0);
  private final PipeBudget pipes = new PipeBudget();
  private Pipe seen = seenPipe();

  private static FramedLines newLines() {
    return new FramedLines(NativeBuffer.allocate(IN_BYTES), NativeBuffer.allocate(OUT_BYTES));
  }

  private static Pipe seenPipe() {
    Pipe pipe = Pipe.open();
    Pipe.tryResize(pipe.write(), IN_BYTES);
    return pipe;
  }

  PipeBudget pipes() {
    return pipes;
  }

  /** Input, from index 0. */
  NativeBuffer in() {
    return lines.in();
  }

  /** Lines framed of the input. */
  FramedLines lines() {
    return lines;
  }

  /** Lends input and lines as they are; what is worked on next gets others. */
  FramedLines lend() {
    FramedLines lent = lines;
    lines = spare == null ? newLines() : spare;
    spare = null;
    return lent;
  }

  /** What was lent is not used any more. */
  void giveBack(FramedLines lent) {
    spare = lent;
  }

  /**
   * Copies what is in a pipe, at most {@code length} bytes, to {@link #in} and leaves it in the
   * pipe.
   *
   * @return 0 when it is empty and has no writer, -1 when it is only empty
   */
  int look(Fd pipe, int length) {
    int n = Pipe.look(pipe, seen.write(), Math.min(length, IN_BYTES));
    int read = 0;
    while (read < n) {
      int got = Descriptors.read(seen.read(), in(), read, n - read);
      if (got <= 0) {
        seen.close();
        seen = seenPipe();
        throw new IllegalStateException("looked at " + n + " bytes and read " + read);
      }
      read += got;
    }
    return n;
  }

  /**
   * Takes bytes out of a pipe.
   *
   * @return how many; fewer only if there were not more
   */
  int discard(Fd pipe, int length) {
    int left = length;
    while (left > 0) {
      int n = Pipe.move(pipe, nothing, left);
      if (n <= 0) {
        break;
      }
      left -= n;
    }
    return length - left;
  }

  /** Takes a chunk out of a pipe, the last bytes so that a successor knows that it was taken. */
  void take(Fd pipe, int length, Journal journal, int witnessBytes) {
    discard(pipe, length);
    journal.takeWitness(pipe, witnessBytes);
  }

  @Override
  public void close() {
    seen.close();
    nothing.close();
  }
}
