package io.crij.server;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.admin.v1.InfoRequest;
import io.crij.admin.v1.InfoResponse;
import io.crij.admin.v1.PullsOfResult;
import io.crij.admin.v1.PullsSoFar;
import io.crij.admin.v1.ShutdownRequest;
import io.crij.admin.v1.UpgradeMonitorRequest;
import io.crij.admin.v1.UpgradeMonitorResponse;
import io.crij.cri.v1.GetEventsRequest;
import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.VersionRequest;
import io.crij.cri.v1.VersionResponse;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.server.build.Build;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** crijd as its own process on private directories. */
@ExtendWith(LeavesNoTrace.class)
final class CrijdKernelTest {
  private static final String MONITORS = "/crij-test-monitors-" + ProcessHandle.current().pid();

  private PrivateRoot folder;
  private TestServer server;

  @BeforeEach
  void server(PrivateRoot home) throws IOException {
    folder = home;
    server = new TestServer(home);
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    server.stop();
    assertThat(ControlGroups.ofNode().remove(MONITORS, Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void answersVersionOnBothSockets() throws Exception {
    server.start();

    for (String socket : List.of("crij.sock", "admin.sock")) {
      VersionResponse version =
          RuntimeServiceGrpc.newBlockingStub(server.channel(socket))
              .version(VersionRequest.getDefaultInstance());
      assertThat(version.getRuntimeName()).isEqualTo("crij");
      assertThat(version.getRuntimeVersion()).isEqualTo(Build.VERSION).matches("\\d+\\.\\d+.*");
      assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
      assertThat(version.getVersion()).isEqualTo("0.1.0");
    }
  }

  @Test
  void sighupReadsTheConfigurationAgainAndABadOneChangesNothing() throws Exception {
    Path file = folder.resolve("crij.toml");
    Files.writeString(file, "[crij.runtime]\nlog_level = 'info'\n");
    server.set("CRIJ_CONFIG", file.toString());
    // It starts programs with SIGHUP ignored.
    server.startBy("nohup");
    Process crijd = server.start();

    Files.writeString(file, "[crij.runtime]\nlog_level = 'debug'\npids_limit = 0\n");
    server.hangUp(crijd, "stays as it was: " + file + ":3: crij.runtime.pids_limit: 0 is neither");
    assertThat(server.log()).doesNotContain("SIGHUP: changed");

    Files.writeString(
        file, "[crij]\nimagestore = '/elsewhere'\n[crij.runtime]\nlog_level = 'debug'\n");
    server.hangUp(crijd, "2 values differ");
    assertThat(server.log())
        .contains("changed crij.runtime.log_level from \"info\" to \"debug\"")
        .contains("not changed before the next start: crij.imagestore from \"\" to \"/elsewhere\"");
    assertCallsAreLogged();
  }

  @Test
  void theMonitorIsInTheCgroupThatTheConfigurationNames() throws Exception {
    Path file = folder.resolve("crij.toml");
    Files.writeString(file, "[crij.runtime]\nmonitor_cgroup = '" + MONITORS + "'\n");
    server.set("CRIJ_CONFIG", file.toString());
    server.start();

    int monitor = server.admin().info(InfoRequest.getDefaultInstance()).getMonitorPid();
    assertThat(Path.of("/proc/" + monitor + "/cgroup"))
        .content()
        .containsPattern(":memory:" + MONITORS + "/crij-[0-9a-f]{8}-monitor\n");
  }

  /** As they are at debug. */
  private void assertCallsAreLogged() throws IOException {
    int before = server.log().length();
    var _ =
        RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"))
            .version(VersionRequest.getDefaultInstance());
    Eventually.await(
        "a line for the call", () -> server.log().substring(before).contains("Version OK"));
  }

  @Test
  void adminServiceIsOnTheAdminSocketOnly() throws Exception {
    Process process = server.start();

    InfoResponse info = server.admin().info(InfoRequest.getDefaultInstance());

    assertThat(info.getPid()).isEqualTo((int) process.pid());
    assertThat(info.getMonitorPid()).isPositive();
    assertThat(info.getRunroot()).isEqualTo(server.runroot().toString());
    assertThat(info.getListen()).isEqualTo("unix://" + server.runroot().resolve("crij.sock"));
    assertThatThrownBy(() ->
            AdminServiceGrpc.newBlockingStub(server.channel("crij.sock"))
                .info(InfoRequest.getDefaultInstance()))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("UNIMPLEMENTED");
  }

  @Test
  void infoCountsPulls() throws Exception {
    server.start();
    assertThat(server.admin().info(InfoRequest.getDefaultInstance()).getPulls().getResultsList())
        .isEmpty();
    assertThatThrownBy(() ->
            ImageServiceGrpc.newBlockingStub(server.channel("crij.sock"))
                .pullImage(
                    PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage("no-such-host.invalid/a:v1"))
                        .build()))
        .isInstanceOf(StatusRuntimeException.class);

    PullsSoFar pulls = server.admin().info(InfoRequest.getDefaultInstance()).getPulls();

    assertThat(pulls.getResultsList())
        .containsExactly(PullsOfResult.newBuilder().setResult("unavailable").setCount(1).build());
    assertThat(pulls.getSeconds()).isPositive();
  }

  @Test
  void theMonitorIsUpgradedInPlace() throws Exception {
    server.start();
    InfoResponse before = server.admin().info(InfoRequest.getDefaultInstance());
    UpgradeMonitorRequest.Builder request = UpgradeMonitorRequest.newBuilder();

    assertThatThrownBy(
            () -> server.admin().upgradeMonitor(request.setProgram("/bin/false").build()))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("FAILED_PRECONDITION")
        .hasMessageContaining("/bin/false cannot take over");
    for (int i = 0; i < 2; i++) {
      UpgradeMonitorResponse done =
          server.admin().upgradeMonitor(UpgradeMonitorRequest.getDefaultInstance());
      assertThat(done.getPid()).isEqualTo(before.getMonitorPid());
    }

    assertThat(server.admin().info(InfoRequest.getDefaultInstance())).isEqualTo(before);
    assertThat(server.log())
        .doesNotContain("connecting again")
        .containsOnlyOnce("started the monitor");
  }

  /** A pipe holds 64 KiB, and with "debug" each call is a line. */
  @Test
  void callsAreAnsweredWhileNobodyTakesTheLog() throws Exception {
    Process process = server.startUnread("--log-level", "debug");
    var calls = RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"));
    VersionRequest request = VersionRequest.getDefaultInstance();
    await("an answer", () -> calls.version(request).getRuntimeName().equals("crij"));

    for (int i = 0; i < 1500; i++) {
      calls.withDeadlineAfter(1, TimeUnit.MINUTES).version(request);
    }
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void filesAreAsPrivateAsTheyShouldBe() throws Exception {
    server.start();

    assertThat(mode(server.runroot())).isEqualTo("rwx--x--x");
    assertThat(mode(server.runroot().resolve("crij.sock"))).isEqualTo("rw-rw----");
    assertThat(mode(server.runroot().resolve("admin.sock"))).isEqualTo("rw-------");
    assertThat(mode(server.runroot().resolve("crijd.lock"))).isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(server.runroot())) {
      assertThat(files.filter(Files::isDirectory))
          .isNotEmpty()
          .allSatisfy(folder -> assertThat(mode(folder)).isEqualTo("rwx------"));
    }
    assertThat(mode(server.runroot().resolve("monitor/conmon.sock"))).isEqualTo("rw-------");
    assertThat(mode(server.root())).isEqualTo("rwx------");
    assertThat(mode(server.root().resolve("crij.db"))).isEqualTo("rw-------");
  }

  @Test
  void everyRpcOfTheCriAnswers() throws Exception {
    server.start();
    ManagedChannel channel = server.channel("crij.sock");
    List<MethodDescriptor<?, ?>> methods = new ArrayList<>();
    methods.addAll(RuntimeServiceGrpc.getServiceDescriptor().getMethods());
    methods.addAll(ImageServiceGrpc.getServiceDescriptor().getMethods());

    assertThat(methods).hasSize(43);
    for (MethodDescriptor<?, ?> method : methods) {
      assertAnswers(channel, method);
    }
  }

  @Test
  void anImageForAnUnknownHandlerIsRefused() throws Exception {
    server.start();
    PullImageRequest.Builder request = PullImageRequest.newBuilder();
    request.getImageBuilder().setImage("127.0.0.1:1/app:v1").setRuntimeHandler("vm");

    assertThatThrownBy(() ->
            ImageServiceGrpc.newBlockingStub(server.channel("crij.sock"))
                .pullImage(request.build()))
        .hasMessage(
            "INVALID_ARGUMENT: image.runtime_handler: unknown runtime handler 'vm' of image"
                + " '127.0.0.1:1/app:v1'");
  }

  @Test
  void aSecondInstanceIsRefused() throws Exception {
    Process first = server.start();

    Process sameRunroot =
        server.launch(
            "--root", folder.resolve("root2").toString(), "--runroot", server.runroot().toString());
    assertThat(TestServer.exitStatus(sameRunroot)).isEqualTo(3);
    Process sameRoot =
        server.launch(
            "--root", server.root().toString(), "--runroot", folder.resolve("run2").toString());
    assertThat(TestServer.exitStatus(sameRoot)).isEqualTo(3);

    assertThat(server.log())
        .contains("already running for " + server.runroot() + " as pid " + first.pid())
        .contains("already running for " + server.root() + " as pid " + first.pid());
    assertThat(first.isAlive()).isTrue();
  }

  @Test
  void socketsLeftByAKilledServerAreReplaced() throws Exception {
    server.start().destroyForcibly().waitFor();
    assertThat(server.runroot().resolve("crij.sock")).exists();

    server.start();

    VersionResponse version =
        RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"))
            .version(VersionRequest.getDefaultInstance());
    assertThat(version.getRuntimeName()).isEqualTo("crij");
  }

  @Test
  void whatIsNoSocketIsNotReplaced() throws Exception {
    Path precious = Files.writeString(folder.resolve("precious"), "data");

    Process process =
        server.launch(
            "--root",
            server.root().toString(),
            "--runroot",
            server.runroot().toString(),
            "--listen",
            "unix://" + precious);

    assertThat(TestServer.exitStatus(process)).isEqualTo(1);
    assertThat(precious).hasContent("data");
    assertThat(server.log()).contains(precious + " exists and is not a socket");
  }

  @Test
  void aDirectoryOfOthersIsLeftAlone() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.createFile(shared.resolve("somebody's"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

    Process process =
        server.launch("--root", server.root().toString(), "--runroot", shared.toString());

    assertThat(TestServer.exitStatus(process)).isEqualTo(1);
    assertThat(server.log()).contains(shared + " is writable by others");
    assertThat(mode(shared)).isEqualTo("rwxrwxrwx");
  }

  @Test
  void endsWithStatusZeroOnSigterm() throws Exception {
    Process process = server.start();
    RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime =
        RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"));
    var events = runtime.getContainerEvents(GetEventsRequest.getDefaultInstance());
    // Calls of one connection begin in their order.
    assertThat(runtime.version(VersionRequest.getDefaultInstance())).isNotNull();

    process.destroy();

    assertThatThrownBy(events::hasNext).hasMessageStartingWith("UNAVAILABLE: crijd ends");
    assertThat(TestServer.exitStatus(process)).isZero();
    assertThat(server.runroot().resolve("crij.sock")).doesNotExist();
    assertThat(server.runroot().resolve("admin.sock")).doesNotExist();
  }

  @Test
  void endsByTheAdminServiceAsWell() throws Exception {
    Process process = server.start();

    assertThat(server.admin().shutdown(ShutdownRequest.getDefaultInstance())).isNotNull();

    assertThat(TestServer.exitStatus(process)).isZero();
  }

  @Test
  void badFlagsAndFilesEndWithStatusTwo() throws Exception {
    Path file = Files.writeString(folder.resolve("bad.toml"), "[crij]\nrot = '/x'\n");

    assertThat(TestServer.exitStatus(server.launch("--bad"))).isEqualTo(2);
    assertThat(TestServer.exitStatus(server.launch("--config", file.toString()))).isEqualTo(2);

    assertThat(server.log().lines())
        .containsExactly(
            "crijd: flag --bad: unknown, see crijd --help",
            "crijd: " + file + ":2: crij.rot: unknown key");
  }

  @Test
  void printsVersionAndHelp() throws Exception {
    assertThat(TestServer.exitStatus(server.launch("--version"))).isZero();
    assertThat(TestServer.exitStatus(server.launch("--help"))).isZero();

    assertThat(server.log()).startsWith("crijd " + Build.VERSION + "\nusage: crijd ");
  }

  /** With an empty request: a result or an error of ours, never grpc's own "unimplemented". */
  private static <Q, A> void assertAnswers(ManagedChannel channel, MethodDescriptor<Q, A> method) {
    Q request = method.parseRequest(InputStream.nullInputStream());
    boolean endless = method == RuntimeServiceGrpc.getGetContainerEventsMethod();
    CallOptions limit = CallOptions.DEFAULT.withDeadlineAfter(endless ? 1 : 60, TimeUnit.SECONDS);
    try {
      ClientCalls.blockingServerStreamingCall(channel, method, limit, request)
          .forEachRemaining(answer -> assertThat(answer).isNotNull());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        assertThat(e.getStatus().getDescription())
            .isEqualTo(method.getBareMethodName() + " is not implemented");
      } else {
        assertThat(e.getStatus().getCode())
            .as(method.getFullMethodName() + ": " + e.getMessage())
            .isNotIn(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.UNAVAILABLE);
      }
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
