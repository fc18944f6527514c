package io.crij.image.unpack;

import io.crij.image.changeset.LayerContents;
import io.crij.image.work.Threads;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The thread that makes a layer of the bytes of its archive, which another thread inflates. */
final class UnpackThread implements AutoCloseable {
  private final BlockPipe pipe = new BlockPipe();
  private final Thread thread;
  private @Nullable LayerContents contents;
  private volatile @Nullable Throwable failure;

  private UnpackThread(String name, LayerUnpack work) {
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> run(work));
  }

  static UnpackThread start(String name, LayerUnpack work) {
    UnpackThread unpack = new UnpackThread(name, work);
    unpack.thread.start();
    return unpack;
  }

  /** Where the archive's bytes go; ended by the caller. */
  BlockPipe pipe() {
    return pipe;
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** Waits for the last file, after the pipe was ended. */
  LayerContents await() throws IOException {
    Threads.joinUninterruptibly(thread);
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> {}
    }
    if (contents == null) {
      throw new IllegalStateException("unpacking ended without a result");
    }
    return contents;
  }

  private void run(LayerUnpack work) {
    try {
      contents = work.unpack(pipe.reader());
    } catch (Throwable e) {
      failure = e;
    } finally {
      pipe.abandon();
    }
  }

  /** Ends the thread if it still runs, and waits for that. */
  @Override
  public void close() {
    pipe.end(new IllegalStateException("given up"));
    Threads.joinUninterruptibly(thread);
  }
}
