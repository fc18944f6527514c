package io.crij.server.rpc;

import io.crij.server.config.CriSocket;
import io.crij.server.config.ServerConfig;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC servers of an instance: the CRI on its socket, and the CRI with AdminService on the
 * admin socket. Both share one event loop, on which calls begin: {@link Verbs} says which of them
 * get a virtual thread.
 */
public final class GrpcServers {
  private static final Logger log = LoggerFactory.getLogger(GrpcServers.class);

  private static final int MAX_HEADER_BYTES = 16 << 10;

  /** HTTP/2 streams of one connection; further calls of it wait at the client. */
  private static final int MAX_CALLS_PER_CONNECTION = 1000;

  /** Calls that a client takes back, in some seconds: a kubelet gives up some a minute at most. */
  private static final int MAX_RESETS = 1000;

  private static final int RESETS_SECONDS = 10;

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

  private final ServerConfig config;
  private final Readiness readiness;
  private final List<ServerInterceptor> interceptors;
  private final List<ServerServiceDefinition> cri;
  private final ServerServiceDefinition admin;
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("grpc", true), EpollIoHandler.newFactory());
  private final List<Listening> listening = new ArrayList<>();

  private record Listening(Server server, UnixSocket socket) {}

  /**
   * @param interceptors of the calls that pass
   * @param cri services of the CRI
   * @param admin AdminService
   */
  public GrpcServers(
      ServerConfig config,
      Readiness readiness,
      List<ServerInterceptor> interceptors,
      List<ServerServiceDefinition> cri,
      ServerServiceDefinition admin) {
    this.config = config;
    this.readiness = readiness;
    this.interceptors = List.copyOf(interceptors);
    this.cri = cri;
    this.admin = admin;
  }

  /** Binds both sockets; from then on calls are answered. */
  public synchronized void start() throws IOException {
    CriSocket socket = config.socket();
    listen(new UnixSocket(socket.path(), "rw-rw----").ownedBy(socket.uid(), socket.gid()), cri);
    List<ServerServiceDefinition> all = new ArrayList<>(cri);
    all.add(admin);
    listen(new UnixSocket(config.adminSocket(), "rw-------"), all);
  }

  /** Takes no new calls, waits {@code grace} for those under way, then cuts them off. */
  public synchronized void stop(Duration grace) {
    long deadline = System.nanoTime() + grace.toNanos();
    for (Listening each : listening) {
      try {
        each.socket().remove();
      } catch (IOException e) {
        log.warn("remove socket: {}", e.toString());
      }
      each.server().shutdown();
    }
    for (Listening each : listening) {
      try {
        each.server().awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      each.server().shutdownNow();
    }
    Future<?> _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private void listen(UnixSocket socket, List<ServerServiceDefinition> services)
      throws IOException {
    DomainSocketAddress address = new DomainSocketAddress(socket.prepare().toString());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(eventLoop)
            .workerEventLoopGroup(eventLoop)
            .directExecutor()
            .maxInboundMessageSize(config.socket().mostRequestBytes())
            .maxInboundMetadataSize(MAX_HEADER_BYTES)
            .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
            .permitKeepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // The last is asked first: a call that is refused as too early is logged too.
            .intercept(readiness)
            .intercept(new CallLog());
    interceptors.forEach(builder::intercept);
    services.forEach(builder::addService);
    Server server = builder.build();
    try {
      server.start();
      socket.publish();
    } catch (IOException | UncheckedIOException e) {
      server.shutdownNow();
      throw e;
    }
    listening.add(new Listening(server, socket));
  }
}
