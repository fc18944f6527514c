package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.FrameChannel;
import io.crij.linux.io.UnixListener;
import io.crij.linux.io.UnixSocket;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedClient;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeReply;
import io.crij.monitor.v1.Upgraded;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that are connected; on the loop's thread. */
final class Clients implements AutoCloseable {
  /** crijd is one, an administrator's command another; each has buffers. */
  private static final int MOST = 64;

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final EventLoop loop;
  private final Requests requests;
  private final Keepers keepers;
  private final UnixListener listener;
  private final Set<ClientConnection> open = new LinkedHashSet<>();
  private final FrameChannel.Buffers buffers = new FrameChannel.Buffers();
  private @Nullable Watch newcomers;

  Clients(EventLoop loop, Requests requests, Keepers keepers, UnixListener listener) {
    this.loop = loop;
    this.requests = requests;
    this.keepers = keepers;
    this.listener = listener;
  }

  /** Lets clients connect, and serves those that are connected. */
  void serve() {
    newcomers = loop.watch(listener.fd(), Epoll.IN, _ -> accept());
    List.copyOf(open).forEach(ClientConnection::resume);
  }

  /** Reads no further request, nor lets anybody connect, until {@link #serve}. */
  void pause() {
    if (newcomers != null) {
      newcomers.close();
      newcomers = null;
    }
    List.copyOf(open).forEach(ClientConnection::pause);
  }

  /** Whether nothing is under way on any connection. */
  boolean isAtRest() {
    return open.stream().allMatch(ClientConnection::isAtRest);
  }

  private void accept() {
    UnixSocket socket = next();
    if (socket == null) {
      return;
    }
    if (socket.peer().uid() != 0 || open.size() >= MOST) {
      StderrLog.info(
          "refused a client that is not root, or one too many of " + MOST + ": " + socket.peer());
      socket.close();
      return;
    }
    open(socket).resume();
  }

  /** A connection that cannot be accepted stays, and epoll would tell of it again at once. */
  private @Nullable UnixSocket next() {
    try {
      return listener.accept();
    } catch (LinuxException e) {
      StderrLog.failure("no client is let in for a second", e);
      Watch paused = newcomers;
      if (paused != null) {
        paused.interest(0);
        loop.after(PAUSE_AFTER_FAILURE, () -> goOn(paused));
      }
      return null;
    }
  }

  private void goOn(Watch paused) {
    if (paused.equals(newcomers)) {
      paused.interest(Epoll.IN);
    }
  }

  private ClientConnection open(UnixSocket socket) {
    ClientConnection client = new ClientConnection(socket, buffers, loop, requests);
    open.add(client);
    client.onClose(() -> open.remove(client));
    return client;
  }

  /** All of them, and the socket they come by, for the next program in this process. */
  void handOver(HandOver.Builder handOver) {
    handOver.setListener(listener.fd().number());
    for (ClientConnection client : open) {
      handOver.addClients(
          HandedClient.newBuilder()
              .setNumber(client.fd().number())
              .setKeeper(keepers.contains(client))
              .addAllUpgradeRequests(client.upgradeRequests()));
    }
  }

  /** Goes on with those of the program before, and tells them; by their numbers. */
  Map<Integer, ClientConnection> takeOver(HandOver handOver, HelloReply now) {
    Map<Integer, ClientConnection> clients = new HashMap<>();
    UpgradeReply reply =
        UpgradeReply.newBuilder().setFromVersion(handOver.getFromVersion()).setNow(now).build();
    Upgraded upgraded = Upgraded.newBuilder().setNow(now).build();
    for (HandedClient handed : handOver.getClientsList()) {
      ClientConnection client = open(UnixSocket.owning(Fd.owning(handed.getNumber())));
      clients.put(handed.getNumber(), client);
      if (handed.getKeeper()) {
        keepers.resume(client);
      }
      client.send(FromMonitor.newBuilder().setUpgraded(upgraded).build());
      for (long id : handed.getUpgradeRequestsList()) {
        Reply answer = Reply.newBuilder().setId(id).setUpgrade(reply).build();
        client.send(FromMonitor.newBuilder().setReply(answer).build());
      }
    }
    return clients;
  }

  @Override
  public void close() {
    listener.close();
  }
}
