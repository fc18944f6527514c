package io.crij.server.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a connection whose request has not come whole in time, however steadily it drips. */
final class RequestLimit extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(RequestLimit.class);

  private final Duration limit;
  private @Nullable ScheduledFuture<?> end;

  RequestLimit(Duration limit) {
    this.limit = limit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    end =
        context.executor().schedule(() -> close(context), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void close(ChannelHandlerContext context) {
    log.info("{} has sent no request within {} s", context.channel(), limit.toSeconds());
    var _ = context.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (end != null) {
      end.cancel(false);
    }
  }
}
