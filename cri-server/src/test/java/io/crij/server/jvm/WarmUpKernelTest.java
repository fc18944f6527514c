package io.crij.server.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ListImagesResponse;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.StatusRequest;
import io.crij.cri.v1.VersionRequest;
import io.crij.cri.v1.VersionResponse;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.server.config.CommandLine;
import io.crij.server.config.ServerConfig;
import io.crij.server.rpc.GrpcServers;
import io.crij.server.rpc.Readiness;
import io.crij.server.rpc.Verbs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The client of the warm-up against real servers, with verbs of the test. */
@ExtendWith(LeavesNoTrace.class)
final class WarmUpKernelTest {
  private static final String RUNTIME = "runtime.v1.RuntimeService/";
  private static final int ENOUGH = 200;

  @TempDir private Path folder;

  private final AtomicReference<String> asked = new AtomicReference<>("");
  private final CountDownLatch lists = new CountDownLatch(ENOUGH);
  private GrpcServers servers;

  @BeforeEach
  void serve() throws IOException {
    Path config = Files.createFile(folder.resolve("crij.toml"));
    Readiness readiness = new Readiness();
    readiness.ready();
    servers =
        new GrpcServers(
            ServerConfig.load(
                new CommandLine.Run(
                    config, Map.of("--root", folder + "/root", "--runroot", folder.toString())),
                Map.of(),
                folder),
            readiness,
            List.of(),
            List.of(
                new Verbs(RuntimeServiceGrpc.getServiceDescriptor())
                    .on(RuntimeServiceGrpc.getVersionMethod(), this::version)
                    .bind(),
                new Verbs(ImageServiceGrpc.getServiceDescriptor())
                    .on(
                        ImageServiceGrpc.getListImagesMethod(),
                        _ -> {
                          lists.countDown();
                          return ListImagesResponse.getDefaultInstance();
                        })
                    .bind()),
            new Verbs(AdminServiceGrpc.getServiceDescriptor()).bind());
    servers.start();
  }

  private VersionResponse version(VersionRequest request) {
    asked.set(request.getVersion());
    return VersionResponse.newBuilder().setVersion("v".repeat(1000)).build();
  }

  @AfterEach
  void stop() {
    servers.stop(Duration.ZERO);
  }

  @Test
  void callsArriveWithTheirMessages() throws IOException {
    try (Http2Client client = Http2Client.connect(socket())) {
      client.call(RUNTIME + "Version", VersionRequest.newBuilder().setVersion("one").build());
      assertThat(asked).hasValue("one");
      client.call(RUNTIME + "Version", VersionRequest.newBuilder().setVersion("two").build());
      assertThat(asked).hasValue("two");
    }
  }

  @Test
  void aRefusalIsAnAnswerToo() throws IOException {
    try (Http2Client client = Http2Client.connect(socket())) {
      client.call(RUNTIME + "Status", StatusRequest.getDefaultInstance());
      client.call("no.such.Service/Call", StatusRequest.getDefaultInstance());
      client.call(RUNTIME + "Version", VersionRequest.newBuilder().setVersion("on").build());
    }
    assertThat(asked).hasValue("on");
  }

  @Test
  void aServerThatStopsEndsIt() throws IOException {
    try (Http2Client client = Http2Client.connect(socket())) {
      client.call(RUNTIME + "Version", VersionRequest.getDefaultInstance());
      servers.stop(Duration.ZERO);
      assertThatThrownBy(
              () -> client.call(RUNTIME + "Version", VersionRequest.getDefaultInstance()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void warmingUpCallsUntilTheCodeIsCompiled() throws InterruptedException {
    new WarmUp(socket()).start();

    assertThat(lists.await(60, TimeUnit.SECONDS)).isTrue();
  }

  private Path socket() {
    return folder.resolve("crij.sock");
  }
}
