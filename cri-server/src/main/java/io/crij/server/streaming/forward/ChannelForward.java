package io.crij.server.streaming.forward;

import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.descriptor.Backlog;
import io.crij.server.streaming.websocket.ChannelConnection;
import io.crij.server.streaming.websocket.ChannelProtocol;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;

/**
 * Port forwarding over a WebSocket: for each port asked for one connection, on two channels, for
 * data and for an error; each begins with the port, little-endian.
 */
public final class ChannelForward {
  private final ChannelConnection connection;
  private final Flow flow;
  private final Backlog backlog;
  private final ForwardedPod pod;
  private final List<Integer> ports;
  private int left;

  /**
   * @param ports of the request, at least one
   * @param patience with a program of the pod that takes nothing and holds up others
   */
  public ChannelForward(
      Flow flow,
      ChannelProtocol protocol,
      ForwardedPod pod,
      List<Integer> ports,
      Duration patience) {
    this.connection = new ChannelConnection(flow, protocol, 2 * ports.size());
    this.flow = flow;
    this.backlog = Backlog.ofConnections(flow, patience);
    this.pod = pod;
    this.ports = List.copyOf(ports);
    this.left = ports.size();
  }

  public ChannelConnection connection() {
    return connection;
  }

  /** Connects to all ports. */
  public void start() {
    for (int i = 0; i < ports.size(); i++) {
      ClientStream data = connection.channel(2 * i);
      ClientStream error = connection.channel(2 * i + 1);
      announce(data, ports.get(i));
      announce(error, ports.get(i));
      Forwarding.Streams streams = new Forwarding.Streams(flow, data, error, false);
      new Forwarding(pod, ports.get(i), streams, backlog, this::over).start();
    }
  }

  private static void announce(ClientStream stream, int port) {
    stream.write(Unpooled.wrappedBuffer(new byte[] {(byte) port, (byte) (port >> Byte.SIZE)}));
    stream.flush();
  }

  private void over() {
    left--;
    if (left == 0) {
      connection.end();
    }
  }
}
