package io.crij.server.streaming;

import io.crij.server.streaming.client.Flow;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.function.Consumer;

/** The pipeline of a connection that leaves HTTP for another protocol. */
final class SwitchedPipeline {
  /** The handlers of HTTP, by name. */
  static final String HTTP = "http";

  static final String REQUESTS = "requests";

  /** Ends connections on which no whole request has come in time. */
  static final String REQUEST_LIMIT = "request-limit";

  static final String FLOW = "flow";

  /** Of bytes that the client has not taken: with more its process waits, until it is less. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(256 << 10, 512 << 10);

  private final ChannelHandlerContext context;

  private SwitchedPipeline(ChannelHandlerContext context) {
    this.context = context;
  }

  /**
   * Begins with the last handler; those of the protocol are to be added before it.
   *
   * @param context of {@link HttpRequests}
   */
  static SwitchedPipeline begin(ChannelHandlerContext context, Flow flow) {
    context.channel().config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
    context.pipeline().addLast(FLOW, flow);
    return new SwitchedPipeline(context);
  }

  ChannelPipeline pipeline() {
    return context.pipeline();
  }

  /** Says so to the client; the handlers of HTTP go, and what has come already is passed on. */
  void complete(Consumer<HttpHeaders> headers, String upgrade) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    response
        .headers()
        .set(HttpHeaderNames.CONNECTION, "Upgrade")
        .set(HttpHeaderNames.UPGRADE, upgrade);
    headers.accept(response.headers());
    // Past the protocol's own handlers, which were added after this one.
    var _ = context.writeAndFlush(response);
    pipeline().remove(REQUEST_LIMIT);
    pipeline().remove(REQUESTS);
    pipeline().remove(HTTP);
  }
}
