package io.crij.image.unpack;

import java.io.IOException;
import java.nio.ByteBuffer;
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

  BlockStream reader() {
    return new Reader();
  }

  private final class Reader extends BlockStream {
    private boolean reading;

    @Override
    @Nullable ByteBuffer next() throws IOException {
      lock.lock();
      try {
        if (reading) {
          reading = false;
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
          return null;
        }
        int index = (int) (consumed % BLOCKS);
        reading = true;
        return ByteBuffer.wrap(blocks[index], 0, counts[index]);
      } finally {
        lock.unlock();
      }
    }
  }
}
