package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.VersionRequest;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.program.Command;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.Memory;
import io.crij.e2e.streams.SpdyClient;
import io.crij.e2e.streams.SpdyClientStream;
import io.crij.e2e.streams.StreamCalls;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many streams, large ones, and those on which nothing moves. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamBoundsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final int MOST_CONNECTIONS = 2000;
  private static final int SESSIONS = 100;
  private static final int PATIENCE_MILLIS = 60_000;

  /**
   * Less than a tenth of what is sent, and more than a JVM takes that has more to do than usual.
   */
  private static final int MOST_GROWTH_MEBIBYTES = 96;

  private static String run(Node node, String... command) throws Exception {
    return RunningPod.run(node, "bounds", IMAGE).start(command);
  }

  /** Each is begun before the first one ends, and gets what is its own. */
  @Test
  void aHundredCommandsAtOnce(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node)) {
      String container = run(node, "sleep", "1000");
      List<Session> sessions = new ArrayList<>();
      try {
        for (int i = 0; i < SESSIONS; i++) {
          sessions.add(Session.begin(calls, container, "echo " + i + "; cat"));
        }
        for (int i = 0; i < SESSIONS; i++) {
          String begun = i + "\n";
          assertThat(sessions.get(i).stdout.read(begun.length()))
              .asString(StandardCharsets.UTF_8)
              .isEqualTo(begun);
        }
        for (int i = 0; i < SESSIONS; i++) {
          sessions.get(i).stdin.send("told " + i);
          sessions.get(i).stdin.finish();
        }
        for (int i = 0; i < SESSIONS; i++) {
          assertThat(sessions.get(i).stdout.text()).isEqualTo("told " + i);
          assertThat(sessions.get(i).error.text()).contains("Success");
        }
      } finally {
        for (Session session : sessions) {
          session.client.close();
        }
      }
    }
  }

  private record Session(
      SpdyClient client, SpdyClientStream error, SpdyClientStream stdin, SpdyClientStream stdout) {
    static Session begin(StreamCalls calls, String container, String script) throws IOException {
      SpdyClient client = calls.open(calls.execWithInput(container, "sh", "-c", script));
      return new Session(client, client.open("error"), client.open("stdin"), client.open("stdout"));
    }
  }

  /** A gigabyte, through a client that rests now and then. */
  @Test
  void whatAClientTakesSlowlyIsWholeAndCostsNoMemory(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node)) {
      String container = run(node, "sleep", "1000");
      node.crictl().run("exec", "--sync", container, "sh", "-c", "seq 1 9000000 >/numbers");
      byte[] numbers =
          IntStream.rangeClosed(1, 9_000_000)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining("\n", "", "\n"))
              .getBytes(StandardCharsets.US_ASCII);
      String script = "for i in $(seq 15); do cat /numbers; done";
      try (SpdyClient client = calls.open(calls.exec(container, "sh", "-c", script))) {
        SpdyClientStream error = client.open("error");
        SpdyClientStream stdout = client.open("stdout");
        long before = Memory.peakMebibytes(node.daemonProcess());
        long at = 0;
        for (byte[] piece = stdout.read(); piece.length > 0; piece = stdout.read()) {
          at = requireNext(numbers, at, piece);
          if (at % (64 << 20) < piece.length) {
            Thread.sleep(100); // as a client does that is slow
          }
        }
        assertThat(at).isEqualTo(15L * numbers.length).isGreaterThan(1_000_000_000);
        assertThat(error.text()).contains("Success");
        long growth = Memory.peakMebibytes(node.daemonProcess()) - before;
        assertThat(growth).as("MiB that crijd has grown").isLessThan(MOST_GROWTH_MEBIBYTES);
      }
    }
  }

  private static long requireNext(byte[] numbers, long at, byte[] piece) {
    int done = 0;
    while (done < piece.length) {
      int from = (int) ((at + done) % numbers.length);
      int n = Math.min(piece.length - done, numbers.length - from);
      if (!Arrays.equals(numbers, from, from + n, piece, done, done + n)) {
        throw new AssertionError("other bytes than were written, at " + (at + done));
      }
      done += n;
    }
    return at + piece.length;
  }

  @Test
  void aStreamOnWhichNothingMovesIsClosedAndItsCommandEnds(PrivateRoot home, Registry registry)
      throws Exception {
    String configuration = "[crij.api]\nstream_idle_timeout = \"8s\"";
    try (Node node = Node.start(home, registry, configuration);
        StreamCalls calls = new StreamCalls(node)) {
      String container = run(node, "sleep", "1000");
      try (SpdyClient client =
          calls.open(calls.exec(container, "sh", "-c", "echo begun; exec sleep 444"))) {
        client.open("error");
        SpdyClientStream stdout = client.open("stdout");
        assertThat(stdout.text()).isEqualTo("begun\n");
        assertThat(stdout.end()).isEqualTo(SpdyClientStream.End.CUT);
      }
      Eventually.await(
          "the end of what it executed",
          () -> !node.crictl().run("exec", "--sync", container, "ps").contains("444"));
      // What moves is not idle, however slowly.
      String slow = "for i in $(seq 20); do usleep 500000; echo $i; done";
      try (SpdyClient client = calls.open(calls.exec(container, "sh", "-c", slow))) {
        SpdyClientStream error = client.open("error");
        assertThat(client.open("stdout").text().lines()).hasSize(20);
        assertThat(error.text()).contains("Success");
      }
    }
  }

  @Test
  void moreConnectionsThanThereMayBeAreClosedAtOnce(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node)) {
      String container = run(node, "sleep", "1000");
      URI url = calls.exec(container, "true");
      List<Socket> connections = new ArrayList<>();
      try {
        for (int i = 0; i < MOST_CONNECTIONS; i++) {
          connections.add(new Socket(url.getHost(), url.getPort()));
        }
        try (Socket more = new Socket(url.getHost(), url.getPort())) {
          more.setSoTimeout(PATIENCE_MILLIS);
          assertThat(more.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(isOpen(connections.getLast())).isTrue();
      } finally {
        for (Socket connection : connections) {
          connection.close();
        }
      }
      Eventually.await(
          "a free connection",
          () -> node.crictl().attempt("exec", container, "true").status() == 0);
    }
  }

  /** Fault F-20. Who has a connection goes on; others wait, and nobody spins meanwhile. */
  @Test
  void withoutDescriptorsCrijdWaitsAndGoesOnAfterwards(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node)) {
      String container = run(node, "sleep", "1000");
      URI url = calls.exec(container, "true");
      ProcessHandle daemon = node.daemonProcess();
      int most = descriptors(daemon) + 30;
      limitDescriptors(daemon, most);
      List<Socket> connections = new ArrayList<>();
      try {
        for (int i = 0; i < 100; i++) {
          connections.add(new Socket(url.getHost(), url.getPort())); // the kernel lets them wait
        }
        Eventually.await("that none is left", () -> descriptors(daemon) >= most);
        Duration before = daemon.info().totalCpuDuration().orElseThrow();
        for (int i = 0; i < 20; i++) {
          assertThat(calls.runtime().version(VersionRequest.getDefaultInstance())).isNotNull();
          Thread.sleep(100); // the time that is measured
        }
        assertThat(daemon.info().totalCpuDuration().orElseThrow().minus(before))
            .isLessThan(Duration.ofSeconds(1));
      } finally {
        for (Socket connection : connections) {
          connection.close();
        }
      }
      Eventually.await(
          "a free descriptor",
          () -> node.crictl().attempt("exec", container, "true").status() == 0);
    }
  }

  private static int descriptors(ProcessHandle process) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return (int) all.count();
    }
  }

  private static void limitDescriptors(ProcessHandle process, int most) {
    Command.of("prlimit", "--pid", Long.toString(process.pid()), "--nofile=" + most + ":").run();
  }

  private static boolean isOpen(Socket connection) throws IOException {
    connection.setSoTimeout(1);
    try {
      return connection.getInputStream().read() >= 0;
    } catch (SocketTimeoutException _) {
      return true;
    }
  }

  @Test
  void whoOnlyWritesIsHeard(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry);
        StreamCalls calls = new StreamCalls(node)) {
      RunningPod pod = RunningPod.run(node, "bounds", IMAGE);
      String file =
          pod.files().reader("main", IMAGE, "sh", "-c", "while read line; do echo got $line; done");
      String container = node.crictl().run("create", pod.id(), file, pod.files().pod());
      node.crictl().run("start", container);
      AttachRequest request =
          AttachRequest.newBuilder().setContainerId(container).setStdin(true).build();
      for (String words : List.of("first", "second")) {
        try (SpdyClient client = calls.open(calls.attach(request))) {
          client.open("error");
          client.open("stdin").send(words + "\n");
          Eventually.await(
              () -> Files.readString(pod.files().log("main")).contains("got " + words));
        }
      }
    }
  }
}
