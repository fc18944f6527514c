package io.crij.server.streaming;

import io.crij.runtime.container.RequestedStreams;
import io.crij.runtime.pod.PortForward;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.command.CommandSessions;
import io.crij.server.streaming.forward.ForwardedPod;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Turns a request that bears a token into a stream, by the protocol that the client asks for. */
final class Upgrade {
  private final CommandSessions commands;
  private final PortForward forward;

  Upgrade(CommandSessions commands, PortForward forward) {
    this.commands = commands;
    this.forward = forward;
  }

  /**
   * Upgrades the connection.
   *
   * @return why not; null when it is upgraded
   */
  @Nullable HttpAnswer serve(ChannelHandlerContext context, HttpRequest request, Grant grant) {
    Connection connection =
        WebSocketUpgrade.isAskedFor(request)
            ? new WebSocketUpgrade(context, request)
            : new SpdyUpgrade(context, request);
    return switch (grant) {
      case Grant.Exec(var exec) ->
          connection.command(RequestedStreams.of(exec), commands.exec(exec));
      case Grant.Attach(var attach) ->
          connection.command(RequestedStreams.of(attach), commands.attach(attach));
      case Grant.Forward(var asked) ->
          connection.forward(
              new ForwardedPod(forward, asked.getPodSandboxId()), asked.getPortList());
    };
  }

  /** What the values of a header name, which has commas in between or stands several times. */
  static List<String> words(List<String> values) {
    return values.stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .filter(word -> !word.isBlank())
        .map(String::strip)
        .toList();
  }

  /** A connection that is about to speak one of the protocols; each answers why it cannot. */
  sealed interface Connection permits SpdyUpgrade, WebSocketUpgrade {
    @Nullable HttpAnswer command(RequestedStreams requested, Consumer<CommandStreams> taker);

    @Nullable HttpAnswer forward(ForwardedPod pod, List<Integer> ports);
  }
}
