package io.crij.image.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands blocks of bytes from one platform thread to another, a few at a time. No virtual thread may
 * be at either end: waking one from a restricted thread can start a carrier that is restricted too.
 */
final class BlockPipe {
  static final int BLOCK_BYTES = 128 * 1024;

  private static final int BLOCKS = 8;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final byte[][] blocks = new byte[BLOCKS][BLOCK_BYTES];
  private final int[] counts = new int[BLOCKS];
  private long published;
  private long consumed;
  private boolean ended;
  private boolean abandoned;
  private @Nullable Throwable failure;

  /** Waits for a block to fill. What is published after the reader has gone is forgotten. */
  byte[] claim() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (published - consumed == BLOCKS && !abandoned) {
        changed.await();
      }
      return blocks[(int) (published % BLOCKS)];
    } finally {
      lock.unlock();
    }
  }

  /** Hands over the first {@code count} bytes of the block claimed last. */
  void publish(int count) {
    lock.lock();
    try {
      if (!abandoned) {
        counts[(int) (published % BLOCKS)] = count;
        published++;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more comes; with a failure, the reader gets an IOException after what came. */
  void end(@Nullable Throwable reason) {
    lock.lock();
    try {
      ended = true;
      failure = reason;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The reader reads no more. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  InputStream reader() {
    return new Reader();
  }

  private final class Reader extends InputStream {
    private byte @Nullable [] block;
    private int position;
    private int limit;

    @Override
    public int read() throws IOException {
      return await() ? current()[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!await()) {
        return -1;
      }
      int n = Math.min(length, limit - position);
      System.arraycopy(current(), position, buffer, offset, n);
      position += n;
      return n;
    }

    @Override
    public long skip(long count) throws IOException {
      if (count <= 0 || !await()) {
        return 0;
      }
      int n = (int) Math.min(count, limit - position);
      position += n;
      return n;
    }

    private byte[] current() {
      return Objects.requireNonNull(block);
    }

    /** Makes at least one byte readable; false at the end. */
    private boolean await() throws IOException {
      if (position < limit) {
        return true;
      }
      lock.lock();
      try {
        if (block != null) {
          block = null;
          consumed++;
          changed.signalAll();
        }
        while (published == consumed && !ended) {
          changed.awaitUninterruptibly();
        }
        if (published == consumed) {
          if (failure != null) {
            throw new IOException("layer did not come whole", failure);
          }
          return false;
        }
        int index = (int) (consumed % BLOCKS);
        block = blocks[index];
        position = 0;
        limit = counts[index];
        return true;
      } finally {
        lock.unlock();
      }
    }
  }
}
