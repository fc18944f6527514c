package io.crij.cli.connection;

import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.admin.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crij.cri.v1.StopPodSandboxRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The crijd of this node, by its admin socket. */
public final class Node implements AutoCloseable {
  /** Held, for java.util.logging forgets the levels of loggers nobody holds. */
  private static final Logger BOOTSTRAP = Logger.getLogger("io.netty.bootstrap");

  static {
    // Each connection would warn that a unix socket knows no SO_KEEPALIVE, which gRPC sets.
    BOOTSTRAP.setLevel(Level.SEVERE);
  }

  /** For a call that only asks. */
  public static final Duration SHORT = Duration.ofSeconds(30);

  /** For a call that stops a pod: its containers' grace periods run one after the other. */
  public static final Duration STOP = Duration.ofMinutes(10);

  /** For a call that moves an image. */
  public static final Duration IMAGE = Duration.ofHours(1);

  private static final int MAX_REPLY_BYTES = 80 << 20;

  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("grpc", true), EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  public Node(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .eventLoopGroup(eventLoop)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .maxInboundMessageSize(MAX_REPLY_BYTES)
            .build();
  }

  public RuntimeServiceBlockingStub runtime(Duration limit) {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  public ImageServiceBlockingStub images(Duration limit) {
    return ImageServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  public AdminServiceBlockingStub admin(Duration limit) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Stops and removes a pod with its containers. */
  public void removePod(String id) {
    var _ =
        runtime(STOP)
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    var _ =
        runtime(STOP)
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
