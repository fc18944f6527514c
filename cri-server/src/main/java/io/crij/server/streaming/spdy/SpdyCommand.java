package io.crij.server.streaming.spdy;

import io.crij.runtime.container.RequestedStreams;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.client.CommandStreams.StatusFormat;
import io.crij.server.streaming.client.Flow;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until a client of exec or attach has opened all the streams it asked for. */
public final class SpdyCommand implements SpdyConnection.Streams {
  /** The subprotocols, the preferred first. */
  public static final List<String> PROTOCOLS =
      List.of("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io");

  private static final Logger log = LoggerFactory.getLogger(SpdyCommand.class);
  private static final Set<String> WITH_JSON = Set.of("v4.channel.k8s.io");
  private static final Set<String> WITH_SIZES = Set.of("v4.channel.k8s.io", "v3.channel.k8s.io");
  private static final String ERROR = "error";

  /** White space before the status: JSON may begin with it, and is not whole without more. */
  private static final byte[] UNTIL_STATUS = {' '};

  private static final String STREAM_TYPE = "streamtype";
  private static final int MAX_STREAMS = 8;

  private final SpdyConnection connection;
  private final Consumer<CommandStreams> taker;
  private final StatusFormat format;
  private final Set<String> missing = new TreeSet<>();
  private final Map<String, SpdyStream> opened = new HashMap<>();
  private final ScheduledFuture<?> limit;

  /**
   * Begins to wait.
   *
   * @param protocol one of {@link #PROTOCOLS}
   * @param patience with a client that does not open them all
   */
  public SpdyCommand(
      Flow flow,
      String protocol,
      RequestedStreams requested,
      Duration patience,
      Consumer<CommandStreams> taker) {
    this.connection = new SpdyConnection(flow, MAX_STREAMS, this);
    this.taker = taker;
    this.format = WITH_JSON.contains(protocol) ? StatusFormat.JSON : StatusFormat.TEXT;
    missing.add(ERROR);
    require(requested.stdin(), "stdin");
    require(requested.stdout(), "stdout");
    require(requested.stderr(), "stderr");
    require(requested.tty() && WITH_SIZES.contains(protocol), "resize");
    this.limit =
        flow.eventLoop().schedule(() -> giveUp(flow), patience.toMillis(), TimeUnit.MILLISECONDS);
    flow.whenGone(() -> limit.cancel(false));
  }

  private void require(boolean wanted, String type) {
    if (wanted) {
      missing.add(type);
    }
  }

  private void giveUp(Flow flow) {
    log.info("stream of {}: the client did not open {}", flow.channel().remoteAddress(), missing);
    flow.close();
  }

  public SpdyConnection connection() {
    return connection;
  }

  @Override
  public boolean accepts(SpdyStream stream) {
    return missing.contains(stream.header(STREAM_TYPE));
  }

  @Override
  public void opened(SpdyStream stream) {
    String type = stream.header(STREAM_TYPE);
    missing.remove(type);
    opened.put(type, stream);
    if (missing.isEmpty()) {
      limit.cancel(false);
      announceStatus();
      taker.accept(
          new CommandStreams(
              connection,
              opened.get("stdin"),
              opened.get("stdout"),
              opened.get("stderr"),
              opened.get(ERROR),
              opened.get("resize"),
              format));
    }
  }

  /**
   * Kubernetes' client reads the error stream to its end and takes one without a byte for a success
   * ({@code watchErrorStream} of client-go), also when the connection was cut off. One that began
   * and has no status it takes for the failure that it is.
   */
  private void announceStatus() {
    SpdyStream error = opened.get(ERROR);
    if (format == StatusFormat.JSON && error != null) {
      error.write(Unpooled.wrappedBuffer(UNTIL_STATUS));
      error.flush();
    }
  }
}
