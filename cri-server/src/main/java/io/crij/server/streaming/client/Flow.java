package io.crij.server.streaming.client;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a connection may be written to and is read from, and when it is gone. The last handler of
 * its pipeline; used on its event loop alone.
 */
public final class Flow extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Flow.class);

  /** For a client to close its side when all was sent, so that no reset overtakes what was sent. */
  private static final int LINGER_SECONDS = 10;

  private final Channel channel;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final Set<Consumer<String>> whenStopped = new LinkedHashSet<>();
  private final Set<Runnable> whenGone = new LinkedHashSet<>();
  private int pauses;
  private boolean ending;

  public Flow(Channel channel) {
    this.channel = channel;
  }

  /** What alone may use it. */
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  public Channel channel() {
    return channel;
  }

  /** The client's socket, where bytes go as they are written; null with TLS. */
  public @Nullable UnixChannel plainSocket() {
    return channel instanceof UnixChannel socket && channel.pipeline().get(SslHandler.class) == null
        ? socket
        : null;
  }

  /** Whether the client has taken most of what was written. */
  public boolean isWritable() {
    return channel.isWritable();
  }

  /** Runs it once, when the client has taken most of what was written. */
  public void whenWritable(Runnable work) {
    waiting.add(work);
  }

  /** Runs it when the client has left; at once when it has. */
  public void whenGone(Runnable work) {
    if (channel.isActive()) {
      whenGone.add(work);
    } else {
      work.run();
    }
  }

  /** Runs it with the reason when the server ends this stream. */
  public void whenStopped(Consumer<String> work) {
    whenStopped.add(work);
  }

  /** Ends what moves on it, and tells the client why where it can be told; on any thread. */
  public void stop(String reason) {
    eventLoop()
        .execute(() -> {
          List.copyOf(whenStopped).forEach(work -> work.accept(reason));
          end();
        });
  }

  /** Takes back {@link #whenGone}. */
  public void forget(Runnable work) {
    whenGone.remove(work);
  }

  /** Takes back {@link #whenStopped}. */
  public void forget(Consumer<String> work) {
    whenStopped.remove(work);
  }

  /** Stops reading from the client until {@link #resume} was called as often. */
  public void pause() {
    pauses++;
    channel.config().setAutoRead(false);
  }

  public void resume() {
    pauses--;
    if (pauses == 0) {
      channel.config().setAutoRead(true);
    }
  }

  /**
   * Closes the connection when all that was written has gone and the client has closed its side, or
   * has let some time pass.
   */
  public void end() {
    if (ending) {
      return;
    }
    ending = true;
    channel.config().setAutoRead(true);
    var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> endOutput());
  }

  /** Closes the connection at once. */
  public void close() {
    var _ = channel.close();
  }

  private void endOutput() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      var _ = tls.closeOutbound();
    }
    var _ = ((DuplexChannel) channel).shutdownOutput();
    ScheduledFuture<?> limit =
        channel.eventLoop().schedule(this::close, LINGER_SECONDS, TimeUnit.SECONDS);
    var _ = channel.closeFuture().addListener(_ -> limit.cancel(false));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    // Each asks again when it has written as much as is good.
    for (int i = waiting.size(); i > 0 && channel.isWritable(); i--) {
      waiting.remove().run();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.clear();
    List.copyOf(whenGone).forEach(Runnable::run);
    whenGone.clear();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      log.info("stream of {}: idle for too long", channel.remoteAddress());
      close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("stream of {}: {}", channel.remoteAddress(), cause.toString());
    } else {
      log.warn("stream of {} is closed: {}", channel.remoteAddress(), cause.toString());
    }
    close();
  }
}
