package io.crij.server;

import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.admin.v1.ShutdownRequest;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.PrivateRoot;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A crijd of its own process and directories, and a client of its sockets. */
final class TestServer {
  private static final List<String> JAVA =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-MaxFDLimit");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final PrivateRoot folder;
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Map<String, String> variables = new HashMap<>();
  private List<String> starter = List.of();
  private @Nullable Process process;

  TestServer(PrivateRoot folder) throws IOException {
    this.folder = folder;
    Path monitor = Files.createDirectories(folder.resolve("home/bin")).resolve("conmon-j");
    Files.writeString(
        monitor,
        "#!/bin/sh\nexec %s -cp %s io.crij.monitor.Main \"$@\"\n"
            .formatted(String.join(" ", JAVA), System.getProperty("java.class.path")));
    Files.setPosixFilePermissions(monitor, PosixFilePermissions.fromString("rwx------"));
  }

  Path runroot() {
    return folder.runroot();
  }

  Path root() {
    return folder.root();
  }

  /** Starts crijd and waits until it is ready. */
  Process start() throws IOException, InterruptedException {
    String before = log();
    Process started = launch("--root", root().toString(), "--runroot", runroot().toString());
    process = started;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String ready = "ready on unix://" + runroot().resolve("crij.sock");
    while (!log().substring(before.length()).contains(ready)) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("crijd did not start: " + log());
      }
      Thread.sleep(20);
    }
    return started;
  }

  /**
   * Starts crijd with a stderr of which nobody has read anything yet.
   *
   * @param args to be added
   */
  Process startUnread(String... args) throws IOException {
    List<String> command = command("--root", root().toString(), "--runroot", runroot().toString());
    command.addAll(List.of(args));
    Process started = new ProcessBuilder(command).start();
    process = started;
    return started;
  }

  /** Runs crijd with {@code args}, its output in the log. */
  Process launch(String... args) throws IOException {
    return run(command(args));
  }

  private List<String> command(String... args) {
    List<String> command = new ArrayList<>(starter);
    command.addAll(JAVA);
    command.add("-Dcrij.home=" + folder.resolve("home"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Crijd.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  /** Starts what a service manager would start beside crijd. */
  Process startMonitor() throws IOException {
    return run(
        List.of(folder.resolve("home/bin/conmon-j").toString(), "--runroot", runroot().toString()));
  }

  private Process run(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    builder.environment().putAll(variables);
    return builder.start();
  }

  /** Has crijd started by another program from now on. */
  void startBy(String... program) {
    starter = List.of(program);
  }

  /** Adds a variable to the environment of what is started from now on. */
  void set(String variable, String value) {
    variables.put(variable, value);
  }

  /**
   * Sends SIGHUP and waits.
   *
   * @param answer what the log must say then that it did not say before
   */
  void hangUp(Process crijd, String answer) throws IOException, InterruptedException {
    int before = log().length();
    new ProcessBuilder("kill", "-HUP", Long.toString(crijd.pid())).start().waitFor();
    Eventually.await(answer, () -> log().substring(before).contains(answer));
  }

  /** Sends SIGHUP and waits until a valid configuration has been taken up. */
  void hangUp(Process crijd) throws IOException, InterruptedException {
    hangUp(crijd, "SIGHUP: configuration read again");
  }

  String log() throws IOException {
    Path log = folder.resolve("log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  ManagedChannel channel(String socket) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new DomainSocketAddress(runroot().resolve(socket).toString()))
            .eventLoopGroup(eventLoop)
            .channelType(EpollDomainSocketChannel.class)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
    channels.add(channel);
    return channel;
  }

  AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel("admin.sock"));
  }

  static int exitStatus(Process process) throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("crijd did not end");
    }
    return process.exitValue();
  }

  /** Ends crijd and its monitor, whatever state they are in. */
  void stop() throws IOException, InterruptedException {
    Process running = process;
    if (running != null) {
      if (!running.isAlive()) {
        running = start();
      }
      var _ = admin().shutdown(ShutdownRequest.newBuilder().setWithMonitor(true).build());
      exitStatus(running);
    }
    channels.forEach(ManagedChannel::shutdownNow);
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
