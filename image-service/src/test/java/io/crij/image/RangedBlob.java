package io.crij.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves a blob, also in ranges, as slowly as a test wants, and counts what it sends. */
final class RangedBlob implements HttpHandler {
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]*)");
  private static final int CHUNK = 64 << 10;

  private final byte[] bytes;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger mostConnections = new AtomicInteger();
  private final AtomicInteger firstAsked = new AtomicInteger(Integer.MAX_VALUE);
  private volatile long pauseNanos;
  private volatile long stallsAt = Long.MAX_VALUE;
  private volatile boolean ranges = true;

  RangedBlob(byte[] bytes) {
    this.bytes = bytes;
  }

  /** From now on so much a second on each connection. */
  void slowTo(long bytesPerSecond) {
    pauseNanos = CHUNK * 1_000_000_000L / bytesPerSecond;
  }

  void fast() {
    pauseNanos = 0;
  }

  /** Sends nothing more once so many bytes were sent. */
  void stallAt(long count) {
    stallsAt = count;
  }

  void withoutRanges() {
    ranges = false;
  }

  /** Of all answers together; what was on its way when a connection broke counts. */
  long sent() {
    return sent.get();
  }

  /** The first byte anybody asked for since this was called last. */
  int firstAsked() {
    return firstAsked.getAndSet(Integer.MAX_VALUE);
  }

  int mostConnections() {
    return mostConnections.get();
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Range");
    Matcher range = RANGE.matcher(header == null || !ranges ? "" : header);
    int from = 0;
    int to = bytes.length;
    if (range.matches()) {
      from = Integer.parseInt(range.group(1));
      to = range.group(2).isEmpty() ? to : Integer.parseInt(range.group(2)) + 1;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, bytes.length));
    }
    firstAsked.accumulateAndGet(from, Math::min);
    exchange.sendResponseHeaders(range.matches() ? 206 : 200, to - from);
    mostConnections.accumulateAndGet(connections.incrementAndGet(), Math::max);
    try (OutputStream out = exchange.getResponseBody()) {
      send(out, from, to);
    } finally {
      connections.decrementAndGet();
    }
  }

  private void send(OutputStream out, int from, int to) throws IOException {
    for (int position = from; position < to; ) {
      while (sent.get() >= stallsAt) {
        LockSupport.parkNanos(10_000_000);
      }
      int count = Math.min(CHUNK, to - position);
      out.write(bytes, position, count);
      out.flush();
      sent.addAndGet(count);
      position += count;
      if (pauseNanos > 0) {
        LockSupport.parkNanos(pauseNanos);
      }
    }
  }
}
