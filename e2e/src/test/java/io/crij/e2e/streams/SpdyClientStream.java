package io.crij.e2e.streams;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A stream of a {@link SpdyClient}. Nothing is waited for longer than a minute. */
public final class SpdyClientStream {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int MOST_PIECES = 64;
  private static final byte[] END = {};

  private final int id;
  private final SpdyClient client;

  /** Full, it holds up the whole connection. */
  private final LinkedBlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>(MOST_PIECES);

  private volatile End end = End.OPEN;

  /** How the server has ended it. */
  public enum End {
    OPEN,
    FINISHED,
    RESET,
    /** With the connection. */
    CUT
  }

  SpdyClientStream(int id, SpdyClient client) {
    this.id = id;
    this.client = client;
  }

  void received(byte[] bytes) throws InterruptedException {
    pieces.put(bytes);
  }

  void ended(End how) {
    if (end == End.OPEN) {
      end = how;
    }
  }

  public void send(byte[] bytes) throws IOException {
    client.send(id, bytes, false);
  }

  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The half close. */
  public void finish() throws IOException {
    client.send(id, END, true);
  }

  /** How it was ended, {@link End#OPEN} until then. */
  public End end() {
    return end;
  }

  /** What comes next; empty when the server has ended it. */
  public byte[] read() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      boolean over = end != End.OPEN;
      byte[] piece = pieces.poll(20, TimeUnit.MILLISECONDS);
      if (piece != null) {
        return piece;
      }
      if (over) {
        return END;
      }
    }
    throw new AssertionError("nothing came on stream " + id + " within " + PATIENCE);
  }

  /** So many bytes, or fewer at the end. */
  public byte[] read(int bytes) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < bytes) {
      byte[] piece = read();
      if (piece.length == 0) {
        break;
      }
      all.writeBytes(piece);
    }
    return all.toByteArray();
  }

  /** All to the end. */
  public String text() throws InterruptedException {
    return new String(read(Integer.MAX_VALUE), StandardCharsets.UTF_8);
  }
}
