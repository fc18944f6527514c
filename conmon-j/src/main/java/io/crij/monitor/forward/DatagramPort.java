package io.crij.monitor.forward;

import io.crij.linux.LinuxException;
import io.crij.linux.inet.InetSocket;
import io.crij.linux.inet.SocketAddress;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** A port of datagrams: who sends has a socket to the target, by which answers find back. */
final class DatagramPort implements OpenPort {
  /** Senders at the same time; with more, the one that was silent longest is forgotten. */
  private static final int MOST_FLOWS = 1024;

  /** As the kernel's own tracking of flows, and Docker's proxy. */
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private static final Duration SWEEP = Duration.ofSeconds(30);
  static final int RECEIVED_AT_A_TIME = 64;

  private final EventLoop loop;
  private final NativeBuffer buffer;
  private final Route route;
  private final InetSocket listening;
  private final Watch watch;

  /** Those that were silent longest first. */
  private final LinkedHashMap<SocketAddress, DatagramFlow> flows =
      new LinkedHashMap<>(16, 0.75f, true);

  private Timer sweep;

  /**
   * @param buffer shared by all on the loop's thread; holds the longest datagram
   */
  DatagramPort(EventLoop loop, NativeBuffer buffer, Route route) {
    this.loop = loop;
    this.buffer = buffer;
    this.route = route;
    this.listening = route.listen();
    this.watch = loop.watch(listening.fd(), Epoll.IN, _ -> receive());
    this.sweep = loop.after(SWEEP, this::forgetSilent);
  }

  private void receive() {
    for (int i = 0; i < RECEIVED_AT_A_TIME; i++) {
      int length = listening.receive(buffer);
      if (length < 0) {
        return;
      }
      DatagramFlow flow = flow(listening.sender());
      if (flow != null) {
        flow.send(length);
      }
    }
  }

  private @Nullable DatagramFlow flow(SocketAddress sender) {
    DatagramFlow known = flows.get(sender);
    if (known != null) {
      return known;
    }
    if (flows.size() >= MOST_FLOWS) {
      forgetEldest();
    }
    try {
      DatagramFlow flow = new DatagramFlow(loop, buffer, listening, sender, route.connect());
      flows.put(sender, flow);
      return flow;
    } catch (LinuxException _) {
      // There is no way to the target: the datagram is lost, as on a network.
      return null;
    }
  }

  private void forgetSilent() {
    while (!flows.isEmpty() && flows.firstEntry().getValue().silentNanos() > SILENCE.toNanos()) {
      forgetEldest();
    }
    sweep = loop.after(SWEEP, this::forgetSilent);
  }

  private void forgetEldest() {
    flows.pollFirstEntry().getValue().close();
  }

  @Override
  public void close() {
    sweep.cancel();
    watch.close();
    listening.close();
    flows.values().forEach(DatagramFlow::close);
  }
}
