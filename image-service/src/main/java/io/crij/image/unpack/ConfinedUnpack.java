package io.crij.image.unpack;

import io.crij.image.work.Threads;
import io.crij.linux.tree.Landlock;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.WriteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that makes a layer's files. It restricts itself before it reads the first byte, and
 * does nothing but read its pipe and make system calls: what it started would be restricted too.
 */
final class ConfinedUnpack implements AutoCloseable {
  private final BlockPipe pipe = new BlockPipe();
  // Made here: its first use starts a thread of JNA's.
  private final WriteBuffer buffer = new WriteBuffer();
  private final Thread thread;
  private @Nullable LayerContents contents;
  private volatile @Nullable Throwable failure;

  private ConfinedUnpack(String name, Tree tree, UnpackBudget budget) {
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> run(tree, budget));
  }

  static ConfinedUnpack start(String name, Tree tree, UnpackBudget budget) {
    ConfinedUnpack unpack = new ConfinedUnpack(name, tree, budget);
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
  LayerContents await() throws Exception {
    Threads.joinUninterruptibly(thread);
    switch (failure) {
      case Exception e -> throw e;
      case Error e -> throw e;
      case null, default -> {}
    }
    if (contents == null) {
      throw new IllegalStateException("unpacking ended without a result");
    }
    return contents;
  }

  private void run(Tree tree, UnpackBudget budget) {
    try {
      Landlock.restrictWritesTo(tree.root().fd());
      contents = new LayerUnpacker(tree, buffer, budget).unpack(pipe.reader());
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
    buffer.close();
  }
}
