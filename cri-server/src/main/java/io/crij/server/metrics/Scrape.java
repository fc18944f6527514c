package io.crij.server.metrics;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one connection: {@code GET /metrics}, and nothing else. A request is read when the answer
 * to the one before was taken: who sends many and takes no answer gets no further.
 */
final class Scrape extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(Scrape.class);

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final Meters.Served meters;

  Scrape(Meters.Served meters) {
    this.meters = meters;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    var _ = context.channel().config().setAutoRead(false);
    boolean stays = HttpUtil.isKeepAlive(request);
    if (!request.decoderResult().isSuccess()) {
      send(context, HttpResponseStatus.BAD_REQUEST, "bad request\n", false);
    } else if (!new QueryStringDecoder(request.uri()).path().equals("/metrics")) {
      send(context, HttpResponseStatus.NOT_FOUND, "only /metrics is here\n", stays);
    } else if (!request.method().equals(HttpMethod.GET)) {
      send(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET\n", stays);
    } else {
      // The meters ask the records, which may wait for the disk.
      var _ = Thread.ofVirtual().name("scrape").start(() -> scrape(context, stays));
    }
  }

  private void scrape(ChannelHandlerContext context, boolean stays) {
    try {
      send(context, HttpResponseStatus.OK, meters.text(), stays);
    } catch (RuntimeException e) {
      log.warn("metrics: {}", e.toString());
      send(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "see the log of crijd\n", false);
    }
  }

  private static void send(
      ChannelHandlerContext context, HttpResponseStatus status, String text, boolean stays) {
    ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, TEXT);
    HttpUtil.setContentLength(response, body.readableBytes());
    HttpUtil.setKeepAlive(response, stays);
    ChannelFutureListener next =
        stays ? sent -> sent.channel().config().setAutoRead(true) : ChannelFutureListener.CLOSE;
    var _ = context.writeAndFlush(response).addListener(next);
  }

  /** Resets and silence end the connection, and are nothing to tell of. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
