package io.crij.server.streaming;

import io.crij.runtime.container.RequestedStreams;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.forward.ChannelForward;
import io.crij.server.streaming.forward.ForwardedPod;
import io.crij.server.streaming.forward.SpdyForward;
import io.crij.server.streaming.websocket.ChannelCommand;
import io.crij.server.streaming.websocket.ChannelProtocol;
import io.crij.server.streaming.websocket.SpdyTunnel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** From HTTP to a WebSocket (RFC 6455) of one of Kubernetes' subprotocols. */
final class WebSocketUpgrade implements Upgrade.Connection {
  private static final String WEB_SOCKET = "websocket";
  private static final String VERSION = "13";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String TUNNEL = SpdyTunnel.PREFIX + SpdyForward.PROTOCOL;

  /** Of a message: 32 times what Kubernetes' clients send. */
  private static final int MAX_MESSAGE_BYTES = 1 << 20;

  /** A channel's number is a byte, and 255 means something else. */
  private static final int MAX_PORTS = 127;

  private final ChannelHandlerContext context;
  private final HttpRequest request;

  WebSocketUpgrade(ChannelHandlerContext context, HttpRequest request) {
    this.context = context;
    this.request = request;
  }

  static boolean isAskedFor(HttpRequest request) {
    HttpHeaders headers = request.headers();
    return WEB_SOCKET.equalsIgnoreCase(headers.get(HttpHeaderNames.UPGRADE))
        && headers.getAll(HttpHeaderNames.CONNECTION).stream()
            .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains("upgrade"));
  }

  @Override
  public @Nullable HttpAnswer command(RequestedStreams requested, Consumer<CommandStreams> taker) {
    HttpAnswer refusal = refusal();
    if (refusal != null) {
      return refusal;
    }
    ChannelProtocol protocol = negotiate(ChannelProtocol.COMMAND);
    if (protocol == null) {
      return forbidden();
    }
    Flow flow = new Flow(context.channel());
    ChannelCommand command = new ChannelCommand(flow, protocol, requested);
    switchTo(
        flow,
        protocol.name(),
        pipeline -> command.connection().addTo(pipeline, SwitchedPipeline.FLOW));
    taker.accept(command.streams());
    return null;
  }

  @Override
  public @Nullable HttpAnswer forward(ForwardedPod pod, List<Integer> ports) {
    HttpAnswer refusal = refusal();
    if (refusal != null) {
      return refusal;
    }
    Flow flow = new Flow(context.channel());
    if (asked().contains(TUNNEL)) {
      SpdyForward tunnelled = new SpdyForward(flow, pod, SpdyUpgrade.PATIENCE);
      switchTo(
          flow,
          TUNNEL,
          pipeline -> {
            pipeline.addBefore(SwitchedPipeline.FLOW, "tunnel", new SpdyTunnel());
            tunnelled.connection().addTo(pipeline, SwitchedPipeline.FLOW);
          });
      return null;
    }
    ChannelProtocol protocol = negotiate(ChannelProtocol.FORWARD);
    if (protocol == null) {
      return forbidden();
    }
    if (ports.isEmpty() || ports.size() > MAX_PORTS) {
      return HttpAnswer.of(
          HttpResponseStatus.BAD_REQUEST,
          "the request for this stream named " + ports.size() + " ports: 1 to 127 can be");
    }
    ChannelForward forward = new ChannelForward(flow, protocol, pod, ports, SpdyUpgrade.PATIENCE);
    switchTo(
        flow,
        protocol.name(),
        pipeline -> forward.connection().addTo(pipeline, SwitchedPipeline.FLOW));
    forward.start();
    return null;
  }

  private @Nullable HttpAnswer refusal() {
    HttpHeaders headers = request.headers();
    if (!VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))
        || headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "").isEmpty()) {
      return HttpAnswer.of(HttpResponseStatus.BAD_REQUEST, "not a WebSocket handshake");
    }
    return null;
  }

  private HttpAnswer forbidden() {
    return HttpAnswer.of(
        HttpResponseStatus.FORBIDDEN, "requested protocol(s) are not supported: " + asked());
  }

  /** The client's first that we have; without any, the one of no name. */
  private @Nullable ChannelProtocol negotiate(List<ChannelProtocol> ours) {
    List<String> asked = asked();
    if (asked.isEmpty()) {
      return ChannelProtocol.find(ours, "");
    }
    for (String name : asked) {
      ChannelProtocol found = ChannelProtocol.find(ours, name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private List<String> asked() {
    return Upgrade.words(request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
  }

  private void switchTo(Flow flow, String protocol, Consumer<ChannelPipeline> handlers) {
    SwitchedPipeline switched = SwitchedPipeline.begin(context, flow);
    ChannelPipeline pipeline = switched.pipeline();
    WebSocketDecoderConfig limits =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(MAX_MESSAGE_BYTES)
            .expectMaskedFrames(true)
            .withUTF8Validator(false)
            .build();
    pipeline
        .addBefore(SwitchedPipeline.FLOW, "frame-decoder", new WebSocket13FrameDecoder(limits))
        .addBefore(SwitchedPipeline.FLOW, "frame-encoder", new WebSocket13FrameEncoder(false))
        .addBefore(SwitchedPipeline.FLOW, "whole", new WebSocketFrameAggregator(MAX_MESSAGE_BYTES));
    handlers.accept(pipeline);
    String key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    switched.complete(
        headers -> {
          headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(key));
          if (!protocol.isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, protocol);
          }
        },
        WEB_SOCKET);
  }

  /** RFC 6455, section 4.2.2. */
  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
