package io.crij.server.streaming.forward;

import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.descriptor.Backlog;
import io.crij.server.streaming.spdy.SpdyConnection;
import io.crij.server.streaming.spdy.SpdyStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Port forwarding over SPDY: any number of connections, each a pair of streams that bear the same
 * {@code requestID}, for data and for an error.
 */
public final class SpdyForward implements SpdyConnection.Streams {
  /** The subprotocol. */
  public static final String PROTOCOL = "portforward.k8s.io";

  private static final String TYPE = "streamtype";
  private static final String DATA = "data";
  private static final String ERROR = "error";
  private static final int MAX_PORT = 65535;

  /** Two for each connection. */
  private static final int MAX_STREAMS = 2 * 1024;

  private final SpdyConnection connection;
  private final Flow flow;
  private final ForwardedPod pod;
  private final Duration patience;
  private final Backlog backlog;
  private final Map<String, SpdyStream> halves = new HashMap<>();

  /**
   * @param patience with a client that opens one stream of a pair only, and with a program of the
   *     pod that takes nothing and holds up others
   */
  public SpdyForward(Flow flow, ForwardedPod pod, Duration patience) {
    this.connection = new SpdyConnection(flow, MAX_STREAMS, this);
    this.flow = flow;
    this.pod = pod;
    this.patience = patience;
    this.backlog = Backlog.ofConnections(flow, patience);
  }

  public SpdyConnection connection() {
    return connection;
  }

  @Override
  public boolean accepts(SpdyStream stream) {
    String type = stream.header(TYPE);
    return (type.equals(DATA) || type.equals(ERROR))
        && port(stream) > 0
        && halves.size() < MAX_STREAMS;
  }

  /** 0 for what is none. */
  private static int port(SpdyStream stream) {
    try {
      int port = Integer.parseInt(stream.header("port"));
      return port >= 1 && port <= MAX_PORT ? port : 0;
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  @Override
  public void opened(SpdyStream stream) {
    String pair = pair(stream);
    @Nullable SpdyStream other = halves.remove(pair);
    if (other == null) {
      halves.put(pair, stream);
      var _ =
          flow.eventLoop()
              .schedule(() -> giveUp(pair, stream), patience.toMillis(), TimeUnit.MILLISECONDS);
    } else if (other.header(TYPE).equals(stream.header(TYPE))) {
      other.reset();
      stream.reset();
    } else {
      boolean first = other.header(TYPE).equals(DATA);
      SpdyStream data = first ? other : stream;
      Forwarding.Streams streams = new Forwarding.Streams(flow, data, first ? stream : other, true);
      new Forwarding(pod, port(data), streams, backlog, () -> {}).start();
    }
  }

  /** Clients of old give none: their error stream comes first, and the data stream next. */
  private static String pair(SpdyStream stream) {
    String given = stream.header("requestid");
    if (!given.isEmpty()) {
      return given;
    }
    return Integer.toString(stream.header(TYPE).equals(DATA) ? stream.id() - 2 : stream.id());
  }

  private void giveUp(String pair, SpdyStream stream) {
    if (halves.remove(pair, stream)) {
      stream.reset();
    }
  }
}
