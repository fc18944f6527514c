package io.crij.server.streaming;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An answer that opens no stream, in the words of Kubernetes' own server.
 *
 * @param acceptedProtocols told to a client that asked for none of them
 */
record HttpAnswer(HttpResponseStatus status, String text, List<String> acceptedProtocols) {
  private static final String ACCEPTED = "X-Accepted-Stream-Protocol-Versions";

  static HttpAnswer of(HttpResponseStatus status, String text) {
    return new HttpAnswer(status, text, List.of());
  }

  /** Sends it, and closes the connection. */
  void send(ChannelHandlerContext context) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(text + "\n", StandardCharsets.UTF_8));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set("X-Content-Type-Options", "nosniff")
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
    acceptedProtocols.forEach(protocol -> response.headers().add(ACCEPTED, protocol));
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
