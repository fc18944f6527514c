package io.crij.server.metrics;

import io.crij.server.config.telemetry.MetricsConfig;
import io.crij.server.rpc.UnixSocket;
import io.crij.server.tls.TlsFiles;
import io.crij.server.tls.TlsSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /metrics} by HTTP, on TCP, a unix socket or both. */
public final class MetricsServer {
  private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);

  /** Prometheus asks by one or two connections; those beyond are closed at once. */
  private static final int MOST_CONNECTIONS = 32;

  private static final int IDLE_SECONDS = 120;
  private static final int MAX_BODY_BYTES = 4096;

  private final MetricsConfig config;
  private final Meters.Served meters;
  private final AtomicInteger connections = new AtomicInteger();
  private @Nullable EventLoopGroup eventLoop;
  private @Nullable UnixSocket socket;

  public MetricsServer(MetricsConfig config, Meters.Served meters) {
    this.config = config;
    this.meters = meters;
  }

  /**
   * Binds; from then on scrapes are answered.
   *
   * @throws IOException naming the address, also if something that is no stale socket is there
   */
  public synchronized void start() throws IOException {
    eventLoop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("metrics", true), EpollIoHandler.newFactory());
    InetSocketAddress address = config.address();
    if (address != null) {
      TlsFiles files = tls(config.tls());
      bind(eventLoop, EpollServerSocketChannel.class, new Connection(files), address, address);
      log.info("metrics on {}:/{}/metrics", files == null ? "http" : "https", address);
    }
    Path path = config.socket();
    if (path != null) {
      UnixSocket made = new UnixSocket(path, "rw-rw----");
      SocketAddress where = new DomainSocketAddress(made.prepare().toString());
      bind(eventLoop, EpollServerDomainSocketChannel.class, new Connection(null), where, path);
      made.publish();
      socket = made;
      log.info("metrics on unix://{}", path);
    }
  }

  private static @Nullable TlsFiles tls(@Nullable TlsSettings wanted) throws IOException {
    return wanted == null ? null : new TlsFiles(wanted);
  }

  private static void bind(
      EventLoopGroup group,
      Class<? extends ServerChannel> kind,
      Connection connection,
      SocketAddress where,
      Object shown)
      throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(kind)
            .childHandler(connection)
            .bind(where)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("metrics on " + shown + ": " + bound.cause().getMessage());
    }
  }

  /** Ends all connections. */
  public synchronized void stop() {
    UnixSocket made = socket;
    if (made != null) {
      try {
        made.remove();
      } catch (IOException e) {
        log.warn("remove socket: {}", e.toString());
      }
    }
    EventLoopGroup group = eventLoop;
    if (group != null) {
      Future<?> _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private final class Connection extends ChannelInitializer<Channel> {
    private final @Nullable TlsFiles tls;

    Connection(@Nullable TlsFiles tls) {
      this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
      var _ = channel.closeFuture().addListener(_ -> connections.decrementAndGet());
      if (connections.incrementAndGet() > MOST_CONNECTIONS) {
        var _ = channel.close();
        return;
      }
      if (tls != null) {
        channel.pipeline().addLast(tls.handler(channel.alloc()));
      }
      channel
          .pipeline()
          .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
          .addLast(new FlowControlHandler()) // keeps what Scrape does not want to read yet
          .addLast(new Scrape(meters));
    }
  }
}
