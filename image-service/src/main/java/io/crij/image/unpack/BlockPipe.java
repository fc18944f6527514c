package io.crij.image.unpack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
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
  private final Deque<Block> filled = new ArrayDeque<>();

  /** Used before, the last on top: what is still in the processor's cache comes first. */
  private final Deque<byte[]> free = new ArrayDeque<>();

  private int made;
  private byte @Nullable [] claimed;
  private boolean ended;
  private boolean abandoned;
  private @Nullable Throwable failure;

  /** The first bytes of {@code bytes}. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Block(byte[] bytes, int count) {}

  /** Waits for a block to fill. What is published after the reader has gone is forgotten. */
  byte[] claim() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (free.isEmpty() && made == BLOCKS && !abandoned) {
        changed.await();
      }
      byte[] block = free.isEmpty() ? make() : free.pop();
      claimed = block;
      return block;
    } finally {
      lock.unlock();
    }
  }

  /** Only when it is needed: most layers are small. */
  private byte[] make() {
    made++;
    return new byte[BLOCK_BYTES];
  }

  /** Hands over the first {@code count} bytes of the block claimed last. */
  void publish(int count) {
    lock.lock();
    try {
      byte[] block = Objects.requireNonNull(claimed, "none was claimed");
      claimed = null;
      if (abandoned) {
        free.push(block);
      } else {
        filled.add(new Block(block, count));
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
      filled.forEach(block -> free.push(block.bytes));
      filled.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  BlockStream reader() {
    return new Reader();
  }

  private final class Reader extends BlockStream {
    private byte @Nullable [] reading;

    @Override
    @Nullable ByteBuffer next() throws IOException {
      lock.lock();
      try {
        if (reading != null) {
          free.push(reading);
          reading = null;
          changed.signalAll();
        }
        while (filled.isEmpty() && !ended) {
          changed.awaitUninterruptibly();
        }
        Block block = filled.poll();
        if (block == null) {
          if (failure != null) {
            throw new IOException("layer did not come whole", failure);
          }
          return null;
        }
        reading = block.bytes;
        return ByteBuffer.wrap(block.bytes, 0, block.count);
      } finally {
        lock.unlock();
      }
    }
  }
}
