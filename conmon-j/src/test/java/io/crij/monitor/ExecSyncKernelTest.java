package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.process.ProcessStat;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecSyncReply;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(120)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class ExecSyncKernelTest {
  /** How many calls of the OCI runtime run at the same time, and how many wait. */
  private static final int RUNNING = 32;

  private static final int WAITING = 4096;

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private String id;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
    id = node.runContainer(node.shell("while :; do sleep 1; done"));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void givesBothOutputsAndTheExitCode() throws Exception {
    ExecSyncReply reply = exec("echo out; echo err >&2; exit 5");
    assertThat(reply.getStdout().toStringUtf8()).isEqualTo("out\n");
    assertThat(reply.getStderr().toStringUtf8()).isEqualTo("err\n");
    assertThat(reply.getExitCode()).isEqualTo(5);
    assertThat(exec("true").toByteArray()).as("nothing, with success").isEmpty();
    assertThat(exec("kill -9 $$").getExitCode()).isEqualTo(137);
  }

  @Test
  void saysInTheRuntimesWordsThatACommandIsMissing() throws Exception {
    Reply reply = client.execSync(request("no-such-command"));
    assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_RUNTIME);
    assertThat(reply.getFailure().getRuntimeMessage())
        .contains("no-such-command")
        .contains("executable file not found");
  }

  @Test
  void keepsThatMuchOfAnOutputAndDropsTheRest() throws Exception {
    ExecSyncReply reply = exec("head -c 20000000 /dev/zero; head -c 300000 /dev/zero >&2");
    assertThat(reply.getStdout().size()).isEqualTo(16 << 20);
    assertThat(reply.getStderr().size()).isEqualTo(300_000);
    ExecSyncRequest.Builder limited = request("/bin/sh", "-c", "echo 123456789").setMaxBytes(4);
    assertThat(client.execSync(limited).getExecSync().getStdout().toStringUtf8()).isEqualTo("1234");
  }

  /** As where the node's memory has no room: no file of the monitor may be so large. */
  @Test
  void anOutputThatCannotBeKeptIsAFailureOnceItsWriterHasEnded() throws Exception {
    exec("true");
    TestNode.run("prlimit", "--fsize=65536", "--pid", Integer.toString(node.monitorPid()));
    Reply reply = client.execSync(request("/bin/sh", "-c", "head -c 3000000 /dev/zero; exit 3"));
    assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_INTERNAL);
    assertThat(reply.getFailure().getMessage())
        .contains("its output could not be kept", "File too large");
    assertThat(exec("echo short").getStdout().toStringUtf8()).isEqualTo("short\n");
  }

  @Test
  void moreCallsThanMayWaitAreRefusedAndNothingElseIs() throws Exception {
    Path gate = Files.createFile(folder.resolve("gate"));
    Path waiting = folder.resolve("waiting-runtime");
    Files.writeString(waiting, "#!/bin/sh\nwhile [ -e %s ]; do sleep 0.1; done\n".formatted(gate));
    Files.setPosixFilePermissions(waiting, PosixFilePermissions.fromString("rwx------"));
    CreateRequest.Builder create = node.shell("true");
    create.getRuntimeBuilder().setPath(waiting.toString());
    for (int i = 0; i < RUNNING + WAITING; i++) {
      client.beginCreate(create.setContainerId(TestNode.newId()).build());
    }

    Reply refused = client.create(create.setContainerId(TestNode.newId()).build());
    Reply exec = client.execSync(request("true"));

    assertThat(refused.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_BUSY);
    assertThat(refused.getFailure().getMessage())
        .isEqualTo("the monitor's queue oci-runtime is full: 4096 calls wait for the 32 that run");
    assertThat(exec.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_BUSY);
    assertThat(client.list().getContainersCount()).isEqualTo(1);
    node.runc("kill", id, "KILL");
    assertThat(client.exited(id).getExitCode()).isEqualTo(137);
    Files.delete(gate);
    assertThat(client.begun().getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_RUNTIME);
  }

  @Test
  void killsAllOfAnExecAtItsTimeLimit() throws Exception {
    String script = "sleep 4321 & setsid sleep 4321 & sleep 4321";
    long begin = System.nanoTime();
    Reply reply = client.execSync(request("/bin/sh", "-c", script).setTimeoutMillis(1000));
    long millis = (System.nanoTime() - begin) / 1_000_000;
    assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
    assertThat(millis).isGreaterThanOrEqualTo(1000L);
    assertThat(processes("sleep 4321")).isEmpty();
    assertThat(client.list().getContainers(0).hasExited()).isFalse();
  }

  @Test
  void returnsThoughAChildHoldsTheOutput() throws Exception {
    long begin = System.nanoTime();
    Reply reply =
        client.execSync(
            request("/bin/sh", "-c", "echo said; sleep 4322 & exit 3").setDrainMillis(500));
    assertThat((System.nanoTime() - begin) / 1_000_000).isGreaterThanOrEqualTo(500L);
    await("the child, which holds it still", () -> processes("sleep 4322").size() == 1);
    assertThat(reply.getExecSync().getExitCode()).isEqualTo(3);
    assertThat(reply.getExecSync().getStdout().toStringUtf8()).isEqualTo("said\n");
  }

  @Test
  void manyAtTheSameTimeLeaveNothingBehind() throws Exception {
    exec("true");
    // The reply comes just before the last descriptors are closed, and the next one after it.
    client.hello();
    List<String> descriptors = descriptors();
    try (ExecutorService callers = Executors.newFixedThreadPool(50)) {
      List<Future<ExecSyncReply>> replies = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        replies.add(callers.submit(() -> exec("echo " + number + "; exit " + number)));
      }
      for (int i = 0; i < replies.size(); i++) {
        assertThat(replies.get(i).get().getStdout().toStringUtf8()).isEqualTo(i + "\n");
        assertThat(replies.get(i).get().getExitCode()).isEqualTo(i);
      }
    }
    await(() -> descriptors().size() <= descriptors.size());
    await(() -> zombies().isEmpty());
    try (var files = Files.list(folder.resolve("run/monitor/exec"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void reapsOrphansThatNobodyWaitsFor() throws Exception {
    CreateRequest request = node.shell("").build();
    String host = request.getContainerId();
    Path config = node.bundle(host).resolve("config.json");
    // Without a PID namespace orphans are left to the monitor, their subreaper.
    Files.writeString(
        config,
        Files.readString(config)
            .replace("{\"type\":\"pid\"},", "")
            .replace(
                "\"args\":[\"/bin/sh\",\"-c\",\"\"]",
                "\"args\":[\"/bin/sh\",\"-c\",\"(sleep 4323 & sleep 4323 &) ; exec sleep 1000\"]"));
    int pid = client.create(request).getCreate().getRecord().getPid();
    node.start(host);
    await(() -> orphans().size() == 2);
    for (ProcessStat orphan : orphans()) {
      TestNode.run("/bin/kill", "-KILL", Integer.toString(orphan.pid()));
    }
    await(() -> orphans().isEmpty() && zombies().isEmpty());
    node.runc("kill", host, "KILL");
    assertThat(client.exited(host).getExitCode()).isEqualTo(137);
    assertThat(ProcessStat.read(pid)).isNull();
  }

  @Test
  void refusesAContainerThatIsUnknownOrHasEnded() throws Exception {
    ExecSyncRequest.Builder unknown = request("true").setContainerId(TestNode.newId());
    assertThat(client.execSync(unknown).getFailure().getCode())
        .isEqualTo(FailureCode.FAILURE_CODE_NOT_FOUND);
    node.runc("kill", id, "KILL");
    client.exited(id);
    assertThat(client.execSync(request("true")).getFailure().getCode())
        .isEqualTo(FailureCode.FAILURE_CODE_EXITED);
  }

  private ExecSyncReply exec(String script) throws InterruptedException {
    Reply reply = client.execSync(request("/bin/sh", "-c", script));
    assertThat(reply.hasExecSync()).as(reply.toString()).isTrue();
    return reply.getExecSync();
  }

  private ExecSyncRequest.Builder request(String... arguments) {
    return ExecSyncRequest.newBuilder()
        .setContainerId(id)
        .setProcess(ByteString.copyFromUtf8(TestNode.process(false, 0, arguments)));
  }

  private List<String> descriptors() throws Exception {
    List<String> open = new ArrayList<>();
    try (var files = Files.list(Path.of("/proc/" + node.monitorPid() + "/fd"))) {
      for (Path file : files.toList()) {
        open.add(file.getFileName() + " " + Files.readSymbolicLink(file));
      }
    }
    return open;
  }

  private List<ProcessStat> orphans() throws Exception {
    List<ProcessStat> orphans = new ArrayList<>();
    for (ProcessStat child : childrenOfTheMonitor()) {
      if (Files.readString(Path.of("/proc/" + child.pid() + "/cmdline")).contains("4323\0")) {
        orphans.add(child);
      }
    }
    return orphans;
  }

  private List<ProcessStat> zombies() throws Exception {
    return childrenOfTheMonitor().stream().filter(ProcessStat::isZombie).toList();
  }

  private List<ProcessStat> childrenOfTheMonitor() throws Exception {
    List<ProcessStat> children = new ArrayList<>();
    try (var processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        String name = process.getFileName().toString();
        ProcessStat stat = name.matches("\\d+") ? ProcessStat.read(Integer.parseInt(name)) : null;
        if (stat != null && stat.parent() == node.monitorPid()) {
          children.add(stat);
        }
      }
    }
    return children;
  }

  private static List<String> processes(String arguments) throws Exception {
    return TestNode.run("/bin/ps", "-e", "-o", "args")
        .lines()
        .filter(l -> l.trim().equals(arguments))
        .toList();
  }
}
