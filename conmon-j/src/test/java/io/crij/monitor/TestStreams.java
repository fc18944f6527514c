package io.crij.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Reads and writes non-blocking descriptors as a patient client does. */
final class TestStreams {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private TestStreams() {}

  /** All up to the end of the stream. */
  static String readAll(Fd fd) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    forEach(fd, all::write);
    return all.toString(StandardCharsets.UTF_8);
  }

  /** Takes pieces of a stream. */
  interface Sink {
    void write(byte[] piece, int offset, int length);
  }

  static void forEach(Fd fd, Sink sink) throws InterruptedException {
    NativeBuffer buffer = NativeBuffer.allocate(PIECE_BYTES);
    byte[] piece = new byte[PIECE_BYTES];
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      int n = read(fd, buffer);
      if (n == 0) {
        return;
      }
      if (n > 0) {
        buffer.bytes().get(0, piece, 0, n);
        sink.write(piece, 0, n);
        deadline = System.nanoTime() + PATIENCE_NANOS;
      } else {
        assertThat(System.nanoTime()).as("a stream goes on or ends").isLessThan(deadline);
        Thread.sleep(1);
      }
    }
  }

  /** A terminal whose other end is closed gives EIO. */
  private static int read(Fd fd, NativeBuffer buffer) {
    try {
      return Descriptors.read(fd, buffer, 0, PIECE_BYTES);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EIO) {
        return 0;
      }
      throw e;
    }
  }

  /** Reads until the text has come; all that was read. */
  static String readUntil(Fd fd, String text) throws InterruptedException {
    StringBuilder all = new StringBuilder();
    NativeBuffer buffer = NativeBuffer.allocate(PIECE_BYTES);
    byte[] piece = new byte[PIECE_BYTES];
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    int searched = 0;
    while (all.indexOf(text, searched) < 0) {
      searched = Math.max(0, all.length() - text.length());
      int n = read(fd, buffer);
      assertThat(n).as("not the end, after: " + all).isNotZero();
      if (n > 0) {
        buffer.bytes().get(0, piece, 0, n);
        all.append(new String(piece, 0, n, StandardCharsets.UTF_8));
      } else {
        assertThat(System.nanoTime()).as("'" + text + "' after: " + all).isLessThan(deadline);
        Thread.sleep(1);
      }
    }
    return all.toString();
  }

  static void write(Fd fd, String text) throws InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NativeBuffer buffer = NativeBuffer.allocate(bytes.length);
    buffer.bytes().put(0, bytes);
    int written = 0;
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (written < bytes.length) {
      int n = Descriptors.write(fd, buffer, written, bytes.length - written);
      written += Math.max(n, 0);
      if (n < 0) {
        assertThat(System.nanoTime()).as("'" + text + "' is taken").isLessThan(deadline);
        Thread.sleep(1);
      }
    }
  }
}
