package io.crij.server.streaming.descriptor;

import io.crij.linux.Fd;
import io.netty.channel.FileRegion;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * Bytes that wait in a pipe, on their way to a client's socket: they are moved there without being
 * copied (splice(2)), in order with what else is written to the channel. As they stay in the pipe
 * until the socket takes them, nobody else may read from it meanwhile.
 */
final class PipePart extends AbstractReferenceCounted implements FileRegion {
  private final Fd pipe;
  private final int count;
  private final UnixChannel socket;
  private final Runnable whenGone;
  private int moved;

  /**
   * @param pipe closed with this
   * @param count bytes that are in it
   * @param socket the client's, of the channel that this is written to
   * @param whenGone run when they were moved, or when that has failed
   */
  PipePart(Fd pipe, int count, UnixChannel socket, Runnable whenGone) {
    this.pipe = pipe;
    this.count = count;
    this.socket = socket;
    this.whenGone = whenGone;
  }

  @Override
  public long position() {
    return 0;
  }

  @Override
  public long transferred() {
    return moved;
  }

  @Deprecated
  @Override
  public long transfered() {
    return moved;
  }

  @Override
  public long count() {
    return count;
  }

  /** 0 when the socket takes nothing now. */
  @Override
  public long transferTo(WritableByteChannel target, long position) throws IOException {
    // The target is the same socket, but can only be written to from memory.
    int n = Native.splice(pipe.number(), -1, socket.fd().intValue(), -1, count - moved);
    moved += n;
    return n;
  }

  @Override
  protected void deallocate() {
    pipe.close();
    whenGone.run();
  }

  @Override
  public FileRegion retain() {
    super.retain();
    return this;
  }

  @Override
  public FileRegion retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public FileRegion touch() {
    return this;
  }

  @Override
  public FileRegion touch(Object hint) {
    return this;
  }
}
