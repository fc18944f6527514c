package io.crij.server.streaming;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.AttachResponse;
import io.crij.cri.v1.ExecRequest;
import io.crij.cri.v1.ExecResponse;
import io.crij.cri.v1.PortForwardRequest;
import io.crij.cri.v1.PortForwardResponse;
import io.crij.runtime.service.RuntimeService;
import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.command.CommandSessions;
import io.crij.server.tls.TlsFiles;
import io.crij.server.tls.TlsSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for the clients of streams, and gives out the URLs by which they come. */
public final class StreamingServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamingServer.class);

  /** Connections, most of which are streams; more are closed at once. */
  private static final int MAX_CONNECTIONS = 2000;

  /** The kubelet passes on its client's headers, tokens of several KiB among them. */
  private static final int MAX_HEADER_BYTES = 64 << 10;

  private static final int MAX_LINE_BYTES = 4 << 10;
  private static final int CHUNK_BYTES = 8 << 10;

  /** For a connection to send its request. */
  private static final Duration REQUEST_TIME = Duration.ofSeconds(30);

  /** For clients to take what they are told at the end. */
  private static final int TOLD_WITHIN_MILLIS = 500;

  private final StreamingConfig config;
  private final RuntimeService runtime;
  private final Tokens tokens = new Tokens(System::nanoTime);
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("streams", true), EpollIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final @Nullable TlsFiles tls;
  private final Channel listening;
  private final String baseUrl;

  private StreamingServer(StreamingConfig config, RuntimeService runtime) throws IOException {
    this.config = config;
    this.runtime = runtime;
    TlsSettings wanted = config.tls();
    this.tls = wanted == null ? null : new TlsFiles(wanted);
    this.listening = listen();
    InetSocketAddress bound = (InetSocketAddress) listening.localAddress();
    this.baseUrl = (tls == null ? "http://" : "https://") + authority(bound) + "/";
    log.info("streams on {}", baseUrl);
  }

  /**
   * Begins to listen.
   *
   * @throws IOException when the address cannot be listened on
   */
  public static StreamingServer start(StreamingConfig config, RuntimeService runtime)
      throws IOException {
    return new StreamingServer(config, runtime);
  }

  private Channel listen() throws IOException {
    Upgrade upgrade =
        new Upgrade(
            new CommandSessions(runtime.exec(), runtime.attach(), config.disconnect()),
            runtime.portForward());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(eventLoop)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connected(channel, upgrade);
                  }
                });
    InetSocketAddress address = new InetSocketAddress(config.address(), config.port());
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Future<?> _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException("listen for streams on " + address + ": " + bound.cause().getMessage());
    }
    return bound.channel();
  }

  private void connected(Channel channel, Upgrade upgrade) {
    if (connections.size() >= MAX_CONNECTIONS) {
      log.warn("more than {} connections: {} is closed", MAX_CONNECTIONS, channel);
      var _ = channel.close();
      return;
    }
    connections.add(channel);
    if (tls != null) {
      channel.pipeline().addLast(tls.handler(channel.alloc()));
    }
    channel
        .pipeline()
        .addLast(new IdleStateHandler(0, 0, config.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
        .addLast(SwitchedPipeline.REQUEST_LIMIT, new RequestLimit(REQUEST_TIME))
        .addLast(
            SwitchedPipeline.HTTP,
            new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, CHUNK_BYTES))
        .addLast(SwitchedPipeline.REQUESTS, new HttpRequests(tokens, upgrade::serve));
  }

  private static String authority(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  public ExecResponse exec(ExecRequest request) {
    runtime.exec().check(request);
    return ExecResponse.newBuilder().setUrl(url(new Grant.Exec(request))).build();
  }

  public AttachResponse attach(AttachRequest request) {
    runtime.attach().check(request);
    return AttachResponse.newBuilder().setUrl(url(new Grant.Attach(request))).build();
  }

  public PortForwardResponse portForward(PortForwardRequest request) {
    runtime.portForward().check(request);
    return PortForwardResponse.newBuilder().setUrl(url(new Grant.Forward(request))).build();
  }

  private String url(Grant grant) {
    return baseUrl + grant.path() + "/" + tokens.give(grant);
  }

  /** Ends all streams; clients are told why. */
  @Override
  public void close() {
    listening.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    for (Channel connection : connections) {
      Flow flow = connection.pipeline().get(Flow.class);
      if (flow != null) {
        flow.stop("crijd is being stopped, and the stream with it");
      }
    }
    connections.newCloseFuture().awaitUninterruptibly(TOLD_WITHIN_MILLIS);
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    Future<?> _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
