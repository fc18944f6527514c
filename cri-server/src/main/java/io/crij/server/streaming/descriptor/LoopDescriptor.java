package io.crij.server.streaming.descriptor;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Pipe;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A pipe, terminal or socket that is watched by an event loop, and used on it alone. Changes are
 * told once (edge-triggered): whoever is told reads or writes until nothing more goes.
 */
public final class LoopDescriptor implements EpollIoHandle {
  private static final EpollIoOps CHANGES =
      EpollIoOps.EPOLLIN
          .with(EpollIoOps.EPOLLOUT)
          .with(EpollIoOps.EPOLLRDHUP)
          .with(EpollIoOps.EPOLLET);

  private static final EpollIoOps WITHOUT_INPUT = CHANGES.without(EpollIoOps.EPOLLIN);

  private final Fd fd;
  private final FileDescriptor number;
  private final IoRegistration registration;
  private Runnable whenReadable = () -> {};
  private Runnable whenWritable = () -> {};
  private boolean released;

  private LoopDescriptor(IoEventLoop loop, Fd fd) {
    this.fd = fd;
    this.number = new FileDescriptor(fd.number());
    this.registration = loop.register(this).syncUninterruptibly().getNow();
  }

  /**
   * Watches it; to be called on the loop.
   *
   * @param fd closed by its owner, after {@link #release}
   */
  public static LoopDescriptor watch(EventLoop loop, Fd fd) {
    Descriptors.setNonBlocking(fd);
    LoopDescriptor descriptor = new LoopDescriptor((IoEventLoop) loop, fd);
    descriptor.registration.submit(CHANGES);
    return descriptor;
  }

  void whenReadable(Runnable work) {
    whenReadable = work;
  }

  /** Is told no more that there is something to read: whoever reads looks by itself. */
  void ignoreInput() {
    registration.submit(WITHOUT_INPUT);
  }

  /** Is told again, at once when there is something. */
  void watchInput() {
    if (!released) {
      registration.submit(CHANGES);
    }
  }

  void whenWritable(Runnable work) {
    whenWritable = work;
  }

  /**
   * Reads what fits.
   *
   * @return 0 when there is nothing now, negative at the end
   * @throws IOException EIO at the end of a terminal
   */
  int read(ByteBuf into) throws IOException {
    ByteBuffer room = into.internalNioBuffer(into.writerIndex(), into.writableBytes());
    int n = number.read(room, room.position(), room.limit());
    if (n > 0) {
      into.writerIndex(into.writerIndex() + n);
    }
    return n;
  }

  /**
   * Lets a pipe hold more, where the kernel allows it; does nothing to what is no pipe.
   *
   * @return whether it does now
   */
  boolean widen(int bytes) {
    return Pipe.tryResize(fd, bytes);
  }

  boolean isPipe() {
    return Pipe.isPipe(fd);
  }

  /** How many bytes wait to be read. */
  int available() {
    return Pipe.available(fd);
  }

  /** The first bytes of a pipe, for a socket: nothing is read until {@code whenGone} was run. */
  PipePart part(int count, UnixChannel socket, Runnable whenGone) {
    return new PipePart(Descriptors.duplicate(fd), count, socket, whenGone);
  }

  /** Writes what goes; 0 when nothing does now. */
  int write(ByteBuf from) throws IOException {
    ByteBuffer bytes = from.internalNioBuffer(from.readerIndex(), from.readableBytes());
    int n = number.write(bytes, bytes.position(), bytes.limit());
    from.skipBytes(n);
    return n;
  }

  /** The half close of a socket; does nothing once the other side is gone. */
  public void endWriting() {
    try {
      Descriptors.endWriting(fd);
    } catch (LinuxException _) {
      // ENOTCONN: reset by the other side, which reading tells too.
    }
  }

  /** Watches it no more; nobody is told of anything from now on. May be repeated. */
  public void release() {
    if (!released) {
      released = true;
      registration.cancel();
    }
  }

  /** Whether it is this one. */
  public boolean watches(Fd other) {
    return fd == other;
  }

  boolean isReleased() {
    return released;
  }

  @Override
  public FileDescriptor fd() {
    return number;
  }

  @Override
  public void handle(IoRegistration current, IoEvent event) {
    // Errors and hang-ups are learnt by the next call, whichever it is.
    if (!released) {
      whenReadable.run();
    }
    if (!released) {
      whenWritable.run();
    }
  }

  @Override
  public void close() {
    // The loop ends: so does the program.
    release();
  }
}
