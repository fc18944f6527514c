package io.crij.server.streaming.websocket;

import io.crij.runtime.container.RequestedStreams;
import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.client.CommandStreams.StatusFormat;
import io.crij.server.streaming.client.Flow;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** Exec and attach over a WebSocket: channels 0 to 4 are stdin, stdout, stderr, error, resize. */
public final class ChannelCommand {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;
  private static final int CHANNELS = 5;

  private final ChannelConnection connection;
  private final RequestedStreams requested;
  private final StatusFormat format;

  public ChannelCommand(Flow flow, ChannelProtocol protocol, RequestedStreams requested) {
    this.connection = new ChannelConnection(flow, protocol, CHANNELS);
    this.requested = requested;
    this.format = protocol.jsonStatus() ? StatusFormat.JSON : StatusFormat.TEXT;
  }

  public ChannelConnection connection() {
    return connection;
  }

  /** The streams; the client is told by an empty message that it is connected. */
  public CommandStreams streams() {
    int first = requested.stdout() ? STDOUT : requested.stderr() ? STDERR : ERROR;
    connection.channel(first).write(Unpooled.EMPTY_BUFFER);
    connection.channel(first).flush();
    return new CommandStreams(
        connection,
        channel(STDIN, requested.stdin()),
        channel(STDOUT, requested.stdout()),
        channel(STDERR, requested.stderr()),
        channel(ERROR, true),
        channel(RESIZE, true),
        format);
  }

  private @Nullable ClientStream channel(int number, boolean asked) {
    return asked ? connection.channel(number) : null;
  }
}
