package io.crij.image.download;

import io.crij.image.ImageException;
import io.crij.image.content.BlobPart;
import io.crij.image.manifest.Descriptor;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.Stage;
import io.crij.image.registry.ImageSource;
import io.crij.image.work.Slots;
import io.crij.image.work.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob that comes through a file. It begins as one range to its end; while its reader waits for
 * the network more than it works, what is left is halved and fetched by one more connection.
 */
final class BlobDownload extends OpenBlob {
  private static final Logger log = LoggerFactory.getLogger(BlobDownload.class);

  private static final int MOST_CONNECTIONS = 4;

  /** What is not worth another connection. */
  private static final long LEAST_PIECE = 4 << 20;

  private static final int BUFFER_BYTES = 128 * 1024;

  /** What may have to come again after the process was killed. */
  private static final long NOTED_BYTES = 1 << 20;

  /** What must be free on the disk for a part to stay there when it is given up. */
  private static final long SPARE_BYTES = 256L << 20;

  private final Order order;
  private final BlobPart part;
  private final Slots connections;
  private final List<Thread> fetchers = new ArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Piece> pieces;
  private final Starvation starvation = new Starvation();
  private @Nullable Throwable failure;
  private boolean closed;
  private boolean discarded;

  private long position;

  /** What is wanted, from where, and who watches. */
  record Order(ImageSource source, Descriptor blob, LayerProgress progress) {}

  private BlobDownload(Order order, BlobPart part, Slots connections) {
    this.order = order;
    this.part = part;
    this.connections = connections;
    this.pieces = pieces(part.found(), order.blob.size());
  }

  /**
   * Begins.
   *
   * @param slot for its first connection, given back at its end
   */
  static BlobDownload start(Order order, BlobPart part, Slots connections, Slots.Slot slot) {
    BlobDownload download = new BlobDownload(order, part, connections);
    long there = download.pieces.stream().mapToLong(piece -> piece.next() - piece.from()).sum();
    if (there > 0) {
      log.info("blob {}: {} of {} bytes are here", order.blob.digest(), there, order.blob.size());
      order.progress.found(there);
    }
    order.progress.enter(Stage.DOWNLOADING);
    download.fetch(slot::close);
    return download;
  }

  /** What is there and what is wanting between. */
  private static List<Piece> pieces(List<BlobPart.Span> found, long size) {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      BlobPart.Span span = found.get(i);
      long end = i + 1 < found.size() ? found.get(i + 1).from() : size;
      pieces.add(new Piece(i, span.from(), span.to(), end));
    }
    long first = found.isEmpty() ? size : found.getFirst().from();
    if (first > 0) {
      pieces.addFirst(new Piece(found.size(), 0, 0, first));
    }
    return pieces;
  }

  /** Starts one more connection; {@code end} gives its slot back. */
  private void fetch(Runnable end) {
    Thread thread =
        Thread.ofVirtual()
            .name("fetch-" + order.blob.digest().hex().substring(0, 12))
            .unstarted(() -> {
              try {
                fetchPieces();
              } catch (Throwable e) {
                fail(e);
              } finally {
                end.run();
              }
            });
    fetchers.add(thread);
    thread.start();
  }

  private void fail(Throwable e) {
    lock.lock();
    try {
      if (failure == null) {
        failure = e;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fetchPieces() throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (Piece piece = claim(); piece != null; piece = claim()) {
      long from;
      long end;
      lock.lock();
      try {
        from = piece.next();
        end = piece.end();
      } finally {
        lock.unlock();
      }
      try (InputStream in = order.source.blob(order.blob, from, end, order.progress::retries)) {
        fetch(piece, in, buffer);
      }
    }
  }

  /** The first piece that nobody fetches; null if there is none, or nothing is wanted any more. */
  private @Nullable Piece claim() {
    lock.lock();
    try {
      if (closed || failure != null) {
        return null;
      }
      for (Piece piece : pieces) {
        if (piece.left() > 0 && !piece.isClaimed()) {
          piece.claim(true);
          return piece;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void fetch(Piece piece, InputStream in, byte[] buffer) throws IOException {
    for (int most = room(piece, buffer); most > 0; most = room(piece, buffer)) {
      int n = in.read(buffer, 0, most);
      if (n < 0) {
        throw new EOFException("a range of blob " + order.blob.digest() + " came short");
      }
      try {
        part.write(piece.next(), buffer, n);
        arrived(piece, n);
      } catch (IOException e) {
        throw notWritten(e);
      }
      order.progress.downloaded(n);
    }
  }

  /** How much may still be read for a piece; its end comes nearer when it is split. */
  private int room(Piece piece, byte[] buffer) {
    lock.lock();
    try {
      return closed || failure != null ? 0 : (int) Math.min(buffer.length, piece.left());
    } finally {
      lock.unlock();
    }
  }

  private void arrived(Piece piece, int count) throws IOException {
    BlobPart.Span span = null;
    lock.lock();
    try {
      piece.advance(count);
      if (piece.unnoted() >= NOTED_BYTES || piece.left() <= 0) {
        span = piece.note();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (span != null) {
      part.note(piece.index(), span);
    }
  }

  private ImageException notWritten(IOException e) {
    String message = "download of %s: %s".formatted(order.blob.digest(), e.getMessage());
    return part.spareBytes() < SPARE_BYTES
        ? new ImageException.ResourceExhausted(message, e)
        : new ImageException.Internal(message, e);
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    if (position == order.blob.size()) {
      order.progress.enter(Stage.UNPACKING);
      return -1;
    }
    int n = part.read(position, target, offset, (int) Math.min(count, awaitBytes()));
    position += n;
    return n;
  }

  /** Waits until there is something at the position; returns how much. */
  private long awaitBytes() throws IOException {
    lock.lock();
    try {
      Piece piece = pieceAt(position);
      long begin = System.nanoTime();
      while (piece.next() <= position) {
        if (failure != null) {
          throw failed(failure);
        }
        boolean _ = changed.await(Starvation.WINDOW_MILLIS, TimeUnit.MILLISECONDS);
        long now = System.nanoTime();
        if (starvation.waited(begin, now)) {
          split();
        }
        begin = now;
        piece = pieceAt(position);
      }
      return piece.next() - position;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } finally {
      lock.unlock();
    }
  }

  private Piece pieceAt(long wanted) {
    for (Piece piece : pieces) {
      if (piece.from() <= wanted && wanted < piece.end()) {
        return piece;
      }
    }
    throw new IllegalStateException("no piece has byte " + wanted);
  }

  /** Halves what has the most left, if a connection is to be had for it. */
  private void split() {
    long running = fetchers.stream().filter(Thread::isAlive).count();
    if (running >= MOST_CONNECTIONS
        || pieces.size() >= BlobPart.MOST_SPANS
        || !order.source.servesRanges(order.blob)) {
      return;
    }
    boolean unclaimed = pieces.stream().anyMatch(piece -> piece.left() > 0 && !piece.isClaimed());
    Piece longest = pieces.getFirst();
    for (Piece piece : pieces) {
      longest = piece.left() > longest.left() ? piece : longest;
    }
    if ((!unclaimed && longest.left() < 2 * LEAST_PIECE) || !connections.tryAcquire()) {
      return;
    }
    if (!unclaimed) {
      pieces.add(pieces.indexOf(longest) + 1, longest.split(pieces.size()));
    }
    fetch(connections::release);
  }

  private static IOException failed(Throwable cause) {
    return switch (cause) {
      case ImageException e -> throw e;
      case Error e -> throw e;
      default -> new IOException(String.valueOf(cause.getMessage()), cause);
    };
  }

  @Override
  public boolean isResumed() {
    return !part.found().isEmpty();
  }

  @Override
  public Path file() {
    return part.path();
  }

  @Override
  public void discard() {
    discarded = true;
  }

  /** Ends what is under way. What came is kept for another try, unless all of it was read. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    fetchers.forEach(Thread::interrupt);
    fetchers.forEach(Threads::joinUninterruptibly);
    try (part) {
      boolean done = position == order.blob.size();
      if (done || discarded || part.spareBytes() < SPARE_BYTES) {
        part.delete();
      } else {
        for (Piece piece : pieces) {
          part.note(piece.index(), piece.note());
        }
      }
    } catch (IOException e) {
      log.warn("part of blob {}: {}", order.blob.digest(), e.getMessage());
    }
  }
}
