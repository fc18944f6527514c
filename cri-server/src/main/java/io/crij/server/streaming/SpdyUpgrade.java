package io.crij.server.streaming;

import io.crij.runtime.container.RequestedStreams;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.forward.ForwardedPod;
import io.crij.server.streaming.forward.SpdyForward;
import io.crij.server.streaming.spdy.SpdyCommand;
import io.crij.server.streaming.spdy.SpdyConnection;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** From HTTP to SPDY/3.1, as Kubernetes' own server does it. */
final class SpdyUpgrade implements Upgrade.Connection {
  /** For a client to open the streams that it has asked for; Kubernetes' own server has it so. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String SPDY = "SPDY/3.1";
  private static final String PROTOCOL = "X-Stream-Protocol-Version";

  private final ChannelHandlerContext context;
  private final HttpRequest request;

  SpdyUpgrade(ChannelHandlerContext context, HttpRequest request) {
    this.context = context;
    this.request = request;
  }

  @Override
  public @Nullable HttpAnswer command(RequestedStreams requested, Consumer<CommandStreams> taker) {
    String protocol = negotiate(SpdyCommand.PROTOCOLS);
    HttpAnswer refusal = refusal(protocol, SpdyCommand.PROTOCOLS);
    if (refusal == null) {
      Flow flow = new Flow(context.channel());
      switchTo(
          flow, protocol, new SpdyCommand(flow, protocol, requested, PATIENCE, taker).connection());
    }
    return refusal;
  }

  @Override
  public @Nullable HttpAnswer forward(ForwardedPod pod, List<Integer> ports) {
    List<String> protocols = List.of(SpdyForward.PROTOCOL);
    String protocol = negotiate(protocols);
    HttpAnswer refusal = refusal(protocol, protocols);
    if (refusal == null) {
      Flow flow = new Flow(context.channel());
      switchTo(flow, protocol, new SpdyForward(flow, pod, PATIENCE).connection());
    }
    return refusal;
  }

  /** The client's first that we have; empty when there is none. */
  private String negotiate(List<String> ours) {
    return asked().stream().filter(ours::contains).findFirst().orElse("");
  }

  private List<String> asked() {
    return Upgrade.words(request.headers().getAll(PROTOCOL));
  }

  private @Nullable HttpAnswer refusal(String protocol, List<String> ours) {
    HttpHeaders headers = request.headers();
    if (asked().isEmpty()) {
      return HttpAnswer.of(
          HttpResponseStatus.BAD_REQUEST,
          "unable to upgrade: header " + PROTOCOL + " does not exist in request or is empty");
    }
    if (protocol.isEmpty()) {
      return new HttpAnswer(
          HttpResponseStatus.FORBIDDEN,
          "unable to upgrade: unable to negotiate protocol: client supports "
              + asked()
              + ", server accepts "
              + ours,
          ours);
    }
    if (!names(headers.get(HttpHeaderNames.CONNECTION, ""), "upgrade")
        || !names(headers.get(HttpHeaderNames.UPGRADE, ""), SPDY)) {
      return HttpAnswer.of(
          HttpResponseStatus.BAD_REQUEST, "unable to upgrade: missing upgrade headers in request");
    }
    return null;
  }

  private static boolean names(String header, String wanted) {
    return header.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
  }

  private void switchTo(Flow flow, String protocol, SpdyConnection connection) {
    SwitchedPipeline pipeline = SwitchedPipeline.begin(context, flow);
    connection.addTo(pipeline.pipeline(), SwitchedPipeline.FLOW);
    pipeline.complete(headers -> headers.set(PROTOCOL, protocol), SPDY);
  }
}
