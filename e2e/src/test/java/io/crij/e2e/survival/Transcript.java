package io.crij.e2e.survival;

import io.crij.e2e.program.Eventually;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** All that a stream has brought so far, read from the moment it was got. */
final class Transcript implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int PIECE_BYTES = 64 * 1024;
  private static final long PAUSE_MILLIS = 5;

  private final Fd stream;
  private final StringBuilder text = new StringBuilder();
  private final Thread reader;
  private volatile boolean leaving;

  /**
   * @param stream {@code O_NONBLOCK}, a terminal's master included; the caller goes on owning it
   */
  Transcript(Fd stream) {
    this.stream = stream;
    reader = Thread.ofPlatform().name("transcript").daemon().start(this::read);
  }

  private void read() {
    NativeBuffer buffer = NativeBuffer.allocate(PIECE_BYTES);
    byte[] piece = new byte[PIECE_BYTES];
    try {
      while (!leaving) {
        int n = readSome(buffer);
        if (n == 0) {
          return;
        }
        if (n > 0) {
          buffer.bytes().get(0, piece, 0, n);
          add(new String(piece, 0, n, StandardCharsets.UTF_8));
        } else {
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** A terminal that no process has open any more gives EIO. */
  private int readSome(NativeBuffer buffer) {
    try {
      return Descriptors.read(stream, buffer, 0, PIECE_BYTES);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EIO) {
        return 0;
      }
      throw e;
    }
  }

  private synchronized void add(String more) {
    text.append(more);
  }

  /** As a file would have it: a terminal ends its lines with two characters. */
  synchronized String text() {
    return text.toString().replace("\r", "");
  }

  boolean hasEnded() {
    return !reader.isAlive();
  }

  void await(String wanted) {
    Eventually.holds(LIMIT, () -> text().contains(wanted), () -> wanted + " in " + text());
  }

  void awaitEnd() {
    Eventually.holds(LIMIT, this::hasEnded, () -> "the stream does not end after " + text());
  }

  /** Ends the reading. */
  @Override
  public void close() {
    leaving = true;
    try {
      reader.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
