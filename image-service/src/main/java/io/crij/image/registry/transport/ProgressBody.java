package io.crij.image.registry.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream whose reader waits a bounded time: the time spent waiting for
 * each step of so many bytes is limited, so neither silence nor a trickle holds it for ever. Time
 * that the reader itself takes does not count. For one reading thread; any may close.
 */
final class ProgressBody extends InputStream implements BodySubscriber<InputStream> {
  /** Lists of buffers (jdk.httpclient.bufsize) under way between network and reader. */
  private static final int AHEAD = 2;

  private final long stallNanos;
  private final long stepBytes;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>(); // bounded by AHEAD
  private final Queue<ByteBuffer> buffers = new ArrayDeque<>();
  private final CompletableFuture<Subscription> subscription = new CompletableFuture<>();

  private long waitedNanos;
  private long steppedBytes;
  private @Nullable Signal end;
  private volatile End atEnd = _ -> {};

  /** Told when nothing more of it will be read; more than once, perhaps. */
  @FunctionalInterface
  interface End {
    /**
     * @param stalled whether because the network kept silent
     */
    void reached(boolean stalled);
  }

  /** What the network says: bytes, the end, or a failure. */
  private sealed interface Signal {
    record Bytes(List<ByteBuffer> buffers) implements Signal {}

    record End() implements Signal {}

    record Failure(Throwable cause) implements Signal {}
  }

  ProgressBody(Duration stall, long stepBytes) {
    this.stallNanos = stall.toNanos();
    this.stepBytes = stepBytes;
  }

  /** Who is told of its end; to be called before anything can read or close it. */
  void atEnd(End told) {
    atEnd = told;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Subscription given) {
    if (subscription.complete(given)) {
      given.request(AHEAD);
    } else {
      given.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    signals.add(new Signal.Bytes(item));
  }

  @Override
  public void onError(Throwable throwable) {
    signals.add(new Signal.Failure(throwable));
  }

  @Override
  public void onComplete() {
    signals.add(new Signal.End());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    ByteBuffer buffer = nextBuffer();
    if (buffer == null) {
      return -1;
    }
    int n = Math.min(count, buffer.remaining());
    buffer.get(target, offset, n);
    return n;
  }

  /** A buffer with something in it; null at the end. */
  private @Nullable ByteBuffer nextBuffer() throws IOException {
    while (true) {
      ByteBuffer buffer = buffers.peek();
      if (buffer != null && buffer.hasRemaining()) {
        return buffer;
      }
      if (buffer != null) {
        buffers.remove();
        continue;
      }
      switch (end == null ? await() : end) {
        case Signal.Bytes(List<ByteBuffer> more) -> {
          buffers.addAll(more);
          step(more);
          subscription.join().request(1);
        }
        case Signal.End done -> {
          end = done;
          atEnd.reached(false);
          return null;
        }
        case Signal.Failure failure -> {
          end = failure;
          atEnd.reached(false);
          throw new IOException(failure.cause());
        }
      }
    }
  }

  private Signal await() throws IOException {
    long begin = System.nanoTime();
    try {
      Signal signal = signals.poll(stallNanos - waitedNanos, TimeUnit.NANOSECONDS);
      if (signal != null) {
        waitedNanos += System.nanoTime() - begin;
        return signal;
      }
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    close();
    atEnd.reached(true);
    throw new StalledException(
        steppedBytes + " bytes in " + StalledException.seconds(Duration.ofNanos(stallNanos)));
  }

  private void step(List<ByteBuffer> more) {
    for (ByteBuffer buffer : more) {
      steppedBytes += buffer.remaining();
    }
    if (steppedBytes >= stepBytes) {
      steppedBytes = 0;
      waitedNanos = 0;
    }
  }

  /** Gives up the rest; the reader then fails. */
  @Override
  public void close() {
    signals.add(new Signal.Failure(new IOException("closed")));
    boolean yetToCome = subscription.cancel(false); // it is then refused when it comes
    if (!yetToCome) {
      subscription.join().cancel();
    }
    atEnd.reached(false);
  }
}
