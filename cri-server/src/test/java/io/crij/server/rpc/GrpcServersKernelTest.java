package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.cri.v1.ContainerEventResponse;
import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.cri.v1.GetEventsRequest;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.VersionRequest;
import io.crij.cri.v1.VersionResponse;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.server.config.CommandLine;
import io.crij.server.config.ServerConfig;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The servers on sockets of their own, with verbs of the test. */
@ExtendWith(LeavesNoTrace.class)
final class GrpcServersKernelTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final int EVENT_BYTES = 32 << 10;
  private static final int EVENTS = 1000;
  private static final String OWN_THREAD = "own thread";

  @TempDir private Path folder;

  private final Readiness readiness = new Readiness();
  private final AtomicInteger given = new AtomicInteger();
  private final CountDownLatch verbRuns = new CountDownLatch(1);
  private final CountDownLatch verbMayEnd = new CountDownLatch(1);
  private final CountDownLatch verbEnded = new CountDownLatch(1);
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private GrpcServers servers;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("crij.toml"),
            """
            [crij.api]
            gid = 65534
            grpc_max_recv_msg_size = 20971520
            grpc_max_send_msg_size = 6291456
            """);
    ServerConfig settings =
        ServerConfig.load(
            new CommandLine.Run(
                config, Map.of("--root", folder + "/root", "--runroot", folder.toString())),
            Map.of(),
            folder);
    servers =
        new GrpcServers(
            settings,
            readiness,
            List.of(),
            List.of(
                new Verbs(
                        RuntimeServiceGrpc.getServiceDescriptor(),
                        settings.socket().mostReplyBytes())
                    .atOnceIf(
                        request -> !request.getVersion().startsWith(OWN_THREAD),
                        RuntimeServiceGrpc.getVersionMethod(),
                        this::version)
                    .on(RuntimeServiceGrpc.getExecSyncMethod(), this::execSync)
                    .onStream(RuntimeServiceGrpc.getGetContainerEventsMethod(), this::events)
                    .bind()),
            new Verbs(AdminServiceGrpc.getServiceDescriptor()).bind());
    servers.start();
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(folder + "/crij.sock"))
            .eventLoopGroup(eventLoop)
            .channelType(EpollDomainSocketChannel.class)
            .maxInboundMessageSize(100 * MEBIBYTE)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
  }

  @AfterEach
  void stop() {
    verbMayEnd.countDown();
    channel.shutdownNow();
    servers.stop(Duration.ofSeconds(1));
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void callsPassOnlyWhenReady() {
    assertThatThrownBy(() -> version("")).satisfies(hasCode(Code.UNAVAILABLE));

    readiness.ready();

    assertThat(version("").getRuntimeName()).isEqualTo("test");
  }

  @Test
  void anErrorOfAVerbIsMapped() {
    readiness.ready();

    assertThatThrownBy(() -> version("absent"))
        .satisfies(hasCode(Code.NOT_FOUND))
        .hasMessageEndingWith("no absent");
    assertThatThrownBy(() -> version("bug")).satisfies(hasCode(Code.INTERNAL));
    assertThat(version("").getRuntimeName()).isEqualTo("test");
  }

  @Test
  void onlyShortCallsRunOnTheEventLoop() {
    readiness.ready();

    assertThat(version("").getRuntimeName()).isEqualTo("test");
    assertThat(version(OWN_THREAD).getRuntimeName()).isEqualTo("test");
  }

  @Test
  void requestsAreAsLargeAsIsConfigured() {
    readiness.ready();

    assertThat(exec("x".repeat(19 * MEBIBYTE), 0).getStdout().size()).isZero();
    assertThatThrownBy(() -> exec("x".repeat(21 * MEBIBYTE), 0))
        .satisfies(hasCode(Code.RESOURCE_EXHAUSTED));
  }

  @Test
  void repliesAreAsLargeAsIsConfigured() {
    readiness.ready();

    assertThat(exec("", 5).getStdout().size()).isEqualTo(5 * MEBIBYTE);
    assertThatThrownBy(() -> exec("", 7))
        .satisfies(hasCode(Code.RESOURCE_EXHAUSTED))
        .hasMessageContaining("ExecSync: reply is larger than 6291456 bytes");
  }

  @Test
  void theSocketIsItsGroupsAndNobodyElses() throws IOException {
    Path socket = folder.resolve("crij.sock");
    assertThat(Files.getPosixFilePermissions(socket))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
    assertThat(Files.getAttribute(socket, "unix:uid")).isEqualTo(0);
    assertThat(Files.getAttribute(socket, "unix:gid")).isEqualTo(65534);
    assertThat(Files.getAttribute(folder.resolve("admin.sock"), "unix:gid")).isEqualTo(0);
  }

  @Test
  void aVerbGoesOnToItsEndWhenTheCallerGaveUp() throws Exception {
    readiness.ready();

    try (Context.CancellableContext caller = Context.current().withCancellation();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecSyncRequest wait = ExecSyncRequest.newBuilder().setContainerId("wait").build();
      Future<?> call =
          callers.submit(
              caller.wrap(() ->
                  assertThatThrownBy(
                          () -> RuntimeServiceGrpc.newBlockingStub(channel).execSync(wait))
                      .satisfies(hasCode(Code.CANCELLED))));
      assertThat(verbRuns.await(60, TimeUnit.SECONDS)).isTrue();
      caller.cancel(null);
      call.get(60, TimeUnit.SECONDS);
    }
    // What comes later on the same connection was heard after it.
    assertThat(version("").getRuntimeName()).isEqualTo("test");
    verbMayEnd.countDown();

    assertThat(verbEnded.await(60, TimeUnit.SECONDS)).isTrue();
  }

  /** Each message is as large as what gRPC buffers for a caller who does not take them. */
  private void events(GetEventsRequest request, Consumer<ContainerEventResponse> reply) {
    ContainerEventResponse event =
        ContainerEventResponse.newBuilder().setContainerId("x".repeat(EVENT_BYTES)).build();
    try {
      while (given.incrementAndGet() < EVENTS) {
        reply.accept(event);
      }
    } finally {
      verbEnded.countDown();
    }
  }

  @Test
  void aStreamGoesAtTheCallersPaceAndEndsWithHim() throws Exception {
    readiness.ready();
    SlowCaller caller = new SlowCaller();
    RuntimeServiceGrpc.newStub(channel)
        .getContainerEvents(GetEventsRequest.getDefaultInstance(), caller);

    assertThat(caller.awaitMessage()).isTrue();
    for (int i = 0; i < 20; i++) {
      assertThat(version(OWN_THREAD).getRuntimeName()).isEqualTo("test");
    }
    // What is under way is bounded by the connection's window, 1 MiB, not by what there is to say.
    assertThat(given.get()).isLessThan(EVENTS / 2);
    assertThat(verbEnded.getCount()).isEqualTo(1);

    caller.leave();

    assertThat(verbEnded.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(given.get()).isLessThan(EVENTS / 2);
  }

  /** Takes one message and no more. */
  private static final class SlowCaller
      implements ClientResponseObserver<GetEventsRequest, ContainerEventResponse> {
    private final CountDownLatch message = new CountDownLatch(1);
    private final CompletableFuture<ClientCallStreamObserver<GetEventsRequest>> call =
        new CompletableFuture<>();

    @Override
    public void beforeStart(ClientCallStreamObserver<GetEventsRequest> started) {
      started.disableAutoRequestWithInitial(1);
      call.complete(started);
    }

    @Override
    public void onNext(ContainerEventResponse event) {
      message.countDown();
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}

    boolean awaitMessage() throws InterruptedException {
      return message.await(60, TimeUnit.SECONDS);
    }

    void leave() {
      call.join().cancel("seen enough", null);
    }
  }

  private VersionResponse version(VersionRequest request) {
    assertThat(Thread.currentThread().isVirtual())
        .isEqualTo(request.getVersion().startsWith(OWN_THREAD));
    return switch (request.getVersion()) {
      case "absent" -> throw new ServiceException.NotFound("no absent");
      case "bug" -> throw new IllegalStateException("a bug of the verb");
      default -> VersionResponse.newBuilder().setRuntimeName("test").build();
    };
  }

  /** The timeout is the size of the answer in MiB. */
  private ExecSyncResponse execSync(ExecSyncRequest request) {
    if (request.getContainerId().equals("wait")) {
      verbRuns.countDown();
      try {
        assertThat(verbMayEnd.await(120, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException("the verb was interrupted", e);
      }
      verbEnded.countDown();
    }
    byte[] output = new byte[(int) request.getTimeout() * MEBIBYTE];
    return ExecSyncResponse.newBuilder().setStdout(ByteString.copyFrom(output)).build();
  }

  private VersionResponse version(String what) {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .version(VersionRequest.newBuilder().setVersion(what).build());
  }

  private ExecSyncResponse exec(String command, int answerMebibytes) {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .execSync(ExecSyncRequest.newBuilder().addCmd(command).setTimeout(answerMebibytes).build());
  }

  private static Consumer<Throwable> hasCode(Code code) {
    return failure ->
        assertThat(failure)
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
