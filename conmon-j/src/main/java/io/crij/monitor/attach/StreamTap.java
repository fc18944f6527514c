package io.crij.monitor.attach;

import io.crij.linux.io.NativeBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where clients get what one output stream of a container brings, at the moment it is looked at on
 * its way to the log. Text that stays in the stream, because its line is not finished, is passed on
 * once: prompts show at once. On the loop's thread.
 */
public final class StreamTap {
  private final List<AttachedPipe> pipes = new ArrayList<>(0);

  /** How much of what is still in the stream was passed on. */
  private int passedOnBytes;

  void add(AttachedPipe pipe) {
    pipes.add(pipe);
  }

  void remove(AttachedPipe pipe) {
    pipes.remove(pipe);
  }

  /** How much of what is still in the stream was passed on. */
  public int passedOnBytes() {
    return passedOnBytes;
  }

  /** So much of it was by the program before in this process. */
  void resume(int bytes) {
    passedOnBytes = bytes;
  }

  /**
   * Passes on what is new.
   *
   * @param bytes what the stream holds, from its head on
   * @param isAll whether it holds no more than that
   */
  public void seen(NativeBuffer bytes, int length, boolean isAll) {
    if (pipes.isEmpty()) {
      passedOnBytes = 0;
      return;
    }
    int from = passedOnBytes;
    // Fewer than before only when the container has read from its own stream.
    passedOnBytes = isAll ? length : Math.max(from, length);
    if (from < length) {
      for (AttachedPipe pipe : List.copyOf(pipes)) {
        pipe.write(bytes, from, length - from);
      }
    }
  }

  /** That many bytes are taken out of the stream, at its head. */
  public void taken(int length) {
    passedOnBytes = Math.max(0, passedOnBytes - length);
  }

  /** Nothing will follow. */
  public void end() {
    List.copyOf(pipes).forEach(AttachedPipe::end);
    pipes.clear();
  }
}
