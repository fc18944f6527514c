package io.crij.monitor.forward;

import io.crij.linux.LinuxException;
import io.crij.linux.inet.InetSocket;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.loop.Watch;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A port of connections. */
final class StreamPort implements OpenPort {
  /** At the same time; more are closed as they come. */
  private static final int MOST_CONNECTIONS = 4096;

  private static final int ACCEPTED_AT_A_TIME = 64;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final EventLoop loop;
  private final NativeBuffer buffer;
  private final Route route;
  private final InetSocket listening;
  private final Watch watch;
  private final Set<StreamConnection> connections = new HashSet<>();
  private boolean closed;

  /**
   * @param buffer shared by all on the loop's thread
   */
  StreamPort(EventLoop loop, NativeBuffer buffer, Route route) {
    this.loop = loop;
    this.buffer = buffer;
    this.route = route;
    this.listening = route.listen();
    this.watch = loop.watch(listening.fd(), Epoll.IN, _ -> accept());
  }

  private void accept() {
    for (int i = 0; i < ACCEPTED_AT_A_TIME; i++) {
      InetSocket client = next();
      if (client == null) {
        return;
      }
      begin(client);
    }
  }

  private @Nullable InetSocket next() {
    try {
      return listening.accept();
    } catch (LinuxException e) {
      StderrLog.failure("a forwarded port takes no connection for a second", e);
      watch.interest(0);
      loop.after(PAUSE_AFTER_FAILURE, this::goOn);
      return null;
    }
  }

  private void goOn() {
    if (!closed) {
      watch.interest(Epoll.IN);
    }
  }

  private void begin(InetSocket client) {
    if (connections.size() >= MOST_CONNECTIONS) {
      client.close();
      return;
    }
    try {
      InetSocket target = route.connect();
      connections.add(
          new StreamConnection(loop, buffer, client, target, ended -> connections.remove(ended)));
    } catch (LinuxException _) {
      // As when nobody listens there.
      client.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    watch.close();
    listening.close();
    List.copyOf(connections).forEach(StreamConnection::close);
  }
}
