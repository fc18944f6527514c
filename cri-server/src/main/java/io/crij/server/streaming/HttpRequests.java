package io.crij.server.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The one request of a connection: it must name a token, and ask for an upgrade. */
final class HttpRequests extends SimpleChannelInboundHandler<HttpObject> {
  private static final Pattern PATH =
      Pattern.compile("/(exec|attach|portforward)/([-_A-Za-z0-9]{1,128})(?:\\?.*)?");
  private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.POST);
  private static final int MAX_BODY_BYTES = 64 << 10;

  /** Makes a stream of a request whose token was good. */
  interface Upgrading {
    /** Returns why not; null when the connection is a stream now. */
    @Nullable HttpAnswer serve(ChannelHandlerContext context, HttpRequest request, Grant grant);
  }

  private final Tokens tokens;
  private final Upgrading upgrade;
  private @Nullable HttpRequest request;
  private int bodyBytes;
  private boolean answered;

  HttpRequests(Tokens tokens, Upgrading upgrade) {
    this.tokens = tokens;
    this.upgrade = upgrade;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
    if (answered) {
      return;
    }
    if (part.decoderResult().isFailure()) {
      answer(context, HttpResponseStatus.BAD_REQUEST, "bad request");
      return;
    }
    if (part instanceof HttpRequest head) {
      request = head;
    }
    if (part instanceof HttpContent body) {
      bodyBytes += body.content().readableBytes();
      if (bodyBytes > MAX_BODY_BYTES) {
        answer(context, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "request body too large");
        return;
      }
    }
    // What comes after the last part belongs to the stream.
    if (part instanceof LastHttpContent && request != null) {
      serve(context, request);
    }
  }

  private void serve(ChannelHandlerContext context, HttpRequest whole) {
    Matcher path = PATH.matcher(whole.uri());
    if (!path.matches()) {
      answer(context, HttpResponseStatus.NOT_FOUND, "404 page not found");
      return;
    }
    if (!METHODS.contains(whole.method())) {
      answer(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "405: Method Not Allowed");
      return;
    }
    Grant grant = tokens.use(path.group(1), path.group(2));
    if (grant == null) {
      answer(context, HttpResponseStatus.NOT_FOUND, "404 page not found");
      return;
    }
    answered = true;
    HttpAnswer refusal = upgrade.serve(context, whole, grant);
    if (refusal != null) {
      refusal.send(context);
    }
  }

  private void answer(ChannelHandlerContext context, HttpResponseStatus status, String text) {
    answered = true;
    HttpAnswer.of(status, text).send(context);
  }
}
