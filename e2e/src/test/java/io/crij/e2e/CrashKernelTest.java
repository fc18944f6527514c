package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Either program, or both, killed with -9 while a container writes: it neither stops nor loses. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class CrashKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final int LINES = 20_000;
  private static final int EXIT_CODE = 9;

  /** About five seconds of output in bursts. */
  private static final String WRITER =
      """
      i=0
      while [ $i -lt %d ]; do
        i=$((i + 1))
        echo "line $i"
        [ $((i %% 100)) -ne 0 ] || usleep 20000
      done
      exit %d
      """
          .formatted(LINES, EXIT_CODE);

  /** Since Linux 6.15 a pidfd tells the exit code to whoever holds it, not to the parent alone. */
  private static final boolean PIDFD_TELLS_EXIT_CODE =
      Runtime.Version.parse(System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1"))
              .compareTo(Runtime.Version.parse("6.15"))
          >= 0;

  private static final int CODE_AFTER_A_NEW_MONITOR = PIDFD_TELLS_EXIT_CODE ? EXIT_CODE : 255;

  private interface Disaster {
    void strike(Node node) throws IOException, InterruptedException;
  }

  @Test
  void crijdIsKilled(PrivateRoot home, Registry registry) throws Exception {
    expectNothingLost(
        home,
        registry,
        EXIT_CODE,
        node -> {
          node.killDaemon();
          Thread.sleep(1000);
          node.startDaemon();
        });
  }

  @Test
  void crijdIsStoppedAndTheContainerEndsMeanwhile(PrivateRoot home, Registry registry)
      throws Exception {
    expectNothingLost(
        home,
        registry,
        EXIT_CODE,
        node -> {
          assertThat(node.stopDaemon()).isZero();
          Path log = home.resolve("logs/crash/writer.log");
          Eventually.holds(
              Duration.ofSeconds(60),
              () -> contains(log, "line " + LINES),
              () -> "the container did not write on");
          Thread.sleep(500);
          node.startDaemon();
        });
  }

  @Test
  void conmonIsKilled(PrivateRoot home, Registry registry) throws Exception {
    expectNothingLost(
        home,
        registry,
        CODE_AFTER_A_NEW_MONITOR,
        node -> {
          long killed = node.monitor().pid();
          node.killMonitor();
          Eventually.holds(
              Duration.ofSeconds(10),
              () -> node.findMonitor().filter(m -> m.pid() != killed).isPresent(),
              () -> "no successor of conmon-j");
        });
  }

  @Test
  void bothAreKilled(PrivateRoot home, Registry registry) throws Exception {
    expectNothingLost(
        home,
        registry,
        CODE_AFTER_A_NEW_MONITOR,
        node -> {
          node.killDaemon();
          node.killMonitor();
          Thread.sleep(500);
          node.startDaemon();
        });
  }

  private static void expectNothingLost(
      PrivateRoot home, Registry registry, int exitCode, Disaster disaster)
      throws IOException, InterruptedException {
    try (Node node = Node.start(home, registry)) {
      Crictl crictl = node.crictl();
      PodFiles files = new PodFiles(node.podLogs("crash"), "crash");
      crictl.run("pull", IMAGE);
      String pod = crictl.run("runp", files.pod());
      String container =
          crictl.run(
              "create", pod, files.container("writer", IMAGE, "sh", "-c", WRITER), files.pod());
      crictl.run("start", container);
      Eventually.holds(
          Duration.ofSeconds(10),
          () -> contains(files.log("writer"), "line 1000"),
          () -> "the container does not write");

      disaster.strike(node);

      assertThat(crictl.run("pods", "--quiet", "--no-trunc", "--state", "Ready")).isEqualTo(pod);
      LifecycleKernelTest.awaitState(crictl, container, "CONTAINER_EXITED");
      JsonNode status = crictl.json("inspect", container).path("status");
      assertThat(status.path("exitCode").asInt()).isEqualTo(exitCode);
      assertThat(writtenBy(files.log("writer")))
          .isEqualTo(IntStream.rangeClosed(1, LINES).mapToObj(i -> "line " + i).toList());
    }
  }

  private static List<String> writtenBy(Path log) throws IOException {
    // TIME STREAM F TEXT
    return Files.readAllLines(log).stream().map(line -> line.split(" ", 4)[3]).toList();
  }

  private static boolean contains(Path log, String line) {
    try {
      return Files.readString(log).contains(line + "\n");
    } catch (IOException e) {
      return false;
    }
  }
}
