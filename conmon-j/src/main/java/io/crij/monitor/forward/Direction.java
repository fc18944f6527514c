package io.crij.monitor.forward;

import io.crij.linux.inet.InetSocket;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;

/**
 * Bytes on their way from one connection to another. What the other has no room for stays where it
 * came from: nothing is kept here, however slow somebody reads.
 */
final class Direction {
  private static final int CHUNKS_A_TURN = 8;

  private final InetSocket from;
  private final InetSocket to;
  private boolean ended;

  Direction(InetSocket from, InetSocket to) {
    this.from = from;
    this.to = to;
  }

  boolean isEnded() {
    return ended;
  }

  /**
   * Moves what can be moved.
   *
   * @return whether its turn is over before that was all
   */
  boolean move(NativeBuffer buffer) {
    for (int i = 0; i < CHUNKS_A_TURN && !ended; i++) {
      int waiting = from.peek(buffer);
      if (waiting < 0) {
        return false;
      }
      if (waiting == 0) {
        ended = true;
        Descriptors.endWriting(to.fd());
        return false;
      }
      int sent = Descriptors.write(to.fd(), buffer, 0, waiting);
      if (sent < 0) {
        return false;
      }
      int _ = Descriptors.read(from.fd(), buffer, 0, sent);
    }
    return !ended;
  }
}
