package io.crij.e2e.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * A pod whose containers are each in another situation when the disaster comes: one writes, one
 * ends meanwhile, in one commands are executed, to the terminal of one a client is attached.
 */
public final class Scene implements AutoCloseable {
  public static final String IMAGE = "docker.io/library/busybox:latest";

  private static final int WRITER_CODE = 9;
  private static final int ENDS_MEANWHILE_CODE = 42;
  private static final int LOST_CODE = 255;

  /** Since Linux 6.15 a pidfd tells the exit code to whoever holds it, not to the parent alone. */
  private static final boolean PIDFD_TELLS_EXIT_CODE =
      Runtime.Version.parse(System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1"))
              .compareTo(Runtime.Version.parse("6.15"))
          >= 0;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Output in bursts, until it is told to end; then it says how much it was. */
  private static final String WRITER =
      """
      trap stop=1 USR1
      i=0
      while [ -z "$stop" ]; do
        i=$((i + 1))
        echo "line $i"
        [ $((i %% 100)) -ne 0 ] || usleep 20000
      done
      echo "wrote $i" >&2
      exit %d
      """
          .formatted(WRITER_CODE);

  private static final String ENDS_WHEN_TOLD =
      "trap 'echo last words; exit %d' USR1; while :; do usleep 10000; done"
          .formatted(ENDS_MEANWHILE_CODE);

  private final Node node;
  private final PrivateRoot home;
  private final PodFiles files;
  private final String pod;
  private final String writer;
  private final String ending;
  private final String quiet;
  private final String terminal;
  private final CompletableFuture<Command.Outcome> executed;
  private final Visit visit;
  private final ProcessHandle endingProcess;
  private final ProcessHandle writerProcess;

  private Scene(Node node, PrivateRoot home) throws IOException {
    this.node = node;
    this.home = home;
    files = new PodFiles(node.podLogs("scene"), "scene");
    Crictl crictl = node.crictl();
    crictl.run("pull", IMAGE);
    pod = crictl.run("runp", files.hostNetworkPod());
    ending = run(files.container("ending", IMAGE, "sh", "-c", ENDS_WHEN_TOLD));
    quiet = run(files.container("quiet", IMAGE, "sh", "-c", "while :; do sleep 1; done"));
    terminal = run(files.terminal("terminal", IMAGE, "sh", "-c", Visit.ANSWERS));
    writer = run(files.container("writer", IMAGE, "sh", "-c", WRITER));
    endingProcess = process(ending);
    writerProcess = process(writer);
    visit = Visit.begin(home, quiet, terminal);
    executed =
        CompletableFuture.supplyAsync(
            () -> crictl.attempt("exec", "--sync", quiet, "sh", "-c", "sleep 2; echo done"),
            Thread::startVirtualThread);
    Eventually.holds(LIMIT, () -> log("writer").contains("line 1000\n"), () -> "no output");
  }

  private String run(String container) throws IOException {
    String id = node.crictl().run("create", pod, container, files.hostNetworkPod());
    node.crictl().run("start", id);
    return id;
  }

  private ProcessHandle process(String container) {
    long pid = node.crictl().json("inspect", container).at("/info/pid").asLong();
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static void tell(ProcessHandle process) {
    Command.of("kill", "-USR1", Long.toString(process.pid())).attempt();
  }

  /** Sets it up; all of it is under way when this returns. */
  public static Scene begin(Node node, PrivateRoot home) throws IOException {
    return new Scene(node, home);
  }

  /** The disaster; one container ends while the victims are dead, and then crijd is started. */
  public void suffer(Victim victim, Death death) throws IOException {
    for (int i = 0; i < death.times(); i++) {
      CompletableFuture<Command.Outcome> load =
          CompletableFuture.supplyAsync(
              () -> node.crictl().attempt("exec", "--sync", quiet, "sleep", "0.3"),
              Thread::startVirtualThread);
      if (death != Death.RESTARTED_UNDER_LOAD) {
        load.join();
      }
      long monitor = node.monitor().pid();
      death.strike(victim, node, home);
      tell(endingProcess);
      if (victim.isCrijd()) {
        awaitEndOfEnding();
        node.startDaemon();
      }
      if (victim.isMonitor()) {
        Eventually.holds(
            LIMIT,
            () -> node.findMonitor().filter(m -> m.pid() != monitor).isPresent(),
            () -> "no successor of conmon-j\n" + node.log());
      }
      load.join();
    }
  }

  /** Pid 1 may take its time to reap it; its code can be had as long as it is a zombie. */
  private void awaitEndOfEnding() {
    Eventually.holds(
        LIMIT, () -> state(endingProcess.pid()) == 'Z' || gone(), () -> "it does not end");
  }

  private boolean gone() {
    return !endingProcess.isAlive();
  }

  private static char state(long pid) {
    String stat = read(Path.of("/proc/" + pid + "/stat"));
    int end = stat.lastIndexOf(')');
    return end < 0 ? 'X' : stat.charAt(end + 2);
  }

  /** What must be true now, and of the writer at its end. */
  public void expectNothingLost(Victim victim, Death death) throws IOException {
    int kills = victim.isMonitor() && death.isSudden() ? death.times() : 0;
    expectNothingLost(victim, kills, victim + " " + death);
  }

  /** Becomes another program some times, of which nobody has noticed anything. */
  public void upgradeMonitor(int times) throws IOException {
    long pid = node.monitor().pid();
    for (int i = 0; i < times; i++) {
      assertThat(node.crij("monitor", "upgrade").run().output()).contains("pid " + pid);
      tell(endingProcess);
    }
    assertThat(node.monitor().pid()).isEqualTo(pid);
    assertThat(executed.join().output().strip()).isEqualTo("done");
    expectNothingLost(Victim.CRIJD, 0, "upgraded");
  }

  private void expectNothingLost(Victim victim, int kills, String how) throws IOException {
    assertThat(node.crictl().run("pods", "--quiet", "--no-trunc", "--state", "Ready"))
        .isEqualTo(pod);
    assertEndedMeanwhile(victim);
    assertThat(state(quiet)).as("without a terminal").isEqualTo("CONTAINER_RUNNING");
    assertTerminal(victim);
    assertExecuted();
    assertThat(node.crictl().run("exec", "--sync", quiet, "echo", "alive")).isEqualTo("alive");
    node.crictl().run("exec", "--sync", quiet, "sh", "-c", ": >" + Visit.STOP_FILE);
    visit.expectSessionsWhole(known(Visit.CODE, victim));

    assertThat(state(writer)).as("that writes").isEqualTo("CONTAINER_RUNNING");
    tell(writerProcess);
    awaitExit(writer);
    assertThat(exitCode(writer)).isEqualTo(known(WRITER_CODE, victim));
    int doubled = NumberedLines.expect(files.log("writer"), kills);
    System.out.printf("%s: %d chunks of the log doubled%n", how, doubled);
  }

  /** It lives as long as anybody has its terminal. */
  private void assertTerminal(Victim victim) {
    assertThat(state(terminal)).as("with a terminal").isEqualTo("CONTAINER_RUNNING");
    switch (victim) {
      case CRIJD -> visit.expectUntouchedAttachment();
      case MONITOR -> visit.expectAttachmentAnew();
      case BOTH -> {
        visit.leaveAttachment();
        awaitExit(terminal);
      }
    }
  }

  private void assertEndedMeanwhile(Victim victim) {
    awaitExit(ending);
    JsonNode status = node.crictl().json("inspect", ending).path("status");
    if (victim != Victim.BOTH) {
      assertThat(exitCode(ending)).isEqualTo(known(ENDS_MEANWHILE_CODE, victim));
      assertThat(log("ending")).containsOnlyOnce("last words\n");
    } else if (exitCode(ending) != ENDS_MEANWHILE_CODE) {
      assertThat(exitCode(ending)).isEqualTo(LOST_CODE);
      assertThat(status.path("reason").asString()).isEqualTo("MonitorLost");
    }
  }

  /** After a monitor's death its successor is not the parent, who alone has the code elsewhere. */
  private static int known(int code, Victim victim) {
    return victim.isMonitor() && !PIDFD_TELLS_EXIT_CODE ? LOST_CODE : code;
  }

  /** Either it was done, or its caller was told. */
  private void assertExecuted() {
    Command.Outcome outcome = executed.join();
    if (outcome.status() == 0) {
      assertThat(outcome.output().strip()).isEqualTo("done");
    } else {
      assertThat(outcome.errors()).isNotBlank();
    }
  }

  private void awaitExit(String container) {
    Eventually.holds(
        LIMIT, () -> state(container).equals("CONTAINER_EXITED"), () -> "it does not end");
  }

  private String state(String container) {
    return node.crictl().json("inspect", container).at("/status/state").asString();
  }

  private int exitCode(String container) {
    return node.crictl().json("inspect", container).at("/status/exitCode").asInt();
  }

  @Override
  public void close() {
    visit.close();
  }

  private String log(String name) {
    return read(files.log(name));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
