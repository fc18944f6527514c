package io.crij.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Puts other programs in the monitor's place while its containers run. */
@Tag("root")
@Timeout(600)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class UpgradeKernelTest {
  @TempDir Path folder;
  private TestNode node;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private UpgradeRequest.Builder to(Path program) {
    return UpgradeRequest.newBuilder().setProgram(program.toString());
  }

  /** The reply of a successful upgrade. */
  private HelloReply upgrade() throws Exception {
    Reply reply = client.upgrade(to(node.program("conmon-j")));
    assertThat(reply.hasUpgrade()).as(reply + node.monitorLog()).isTrue();
    assertThat(client.upgraded()).isEqualTo(reply.getUpgrade().getNow());
    return reply.getUpgrade().getNow();
  }

  @Test
  void containersOfAnOciRuntimeGoOn() throws Exception {
    HelloReply before = client.hello();
    CreateRequest request =
        node.shell("i=0; while [ $i -lt 60 ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit 5")
            .build();
    String id = request.getContainerId();
    client.create(request);
    CreateRequest.Builder tty = node.container("/bin/sh").setTty(true);
    String terminal = tty.getContainerId();
    node.writeConfig(
        terminal,
        TestNode.process(true, 0, "/bin/sh", "-c", "echo first; sleep 4; echo last; exit 6"));
    client.create(tty.build());
    node.start(id);
    node.start(terminal);
    client.kept(id).descriptors().forEach(Fd::close);

    HelloReply now = upgrade();
    assertThat(now.getPid()).isEqualTo(before.getPid()).isEqualTo(node.monitorPid());
    assertThat(now.getInstance()).isNotEqualTo(before.getInstance());
    assertThat(client.hello()).isEqualTo(now);
    assertThat(client.list().getContainersList()).hasSize(2);
    try (TestClient other = TestClient.connect(node.socket())) {
      assertThat(other.hello()).isEqualTo(now);
    }
    upgrade();

    assertThat(client.exited(terminal).getExitCode()).isEqualTo(6);
    assertThat(node.stdout(terminal).replace("\r", "")).isEqualTo("first\nlast\n");
    assertThat(client.exited(id).getExitCode()).isEqualTo(5);
    assertNumbered(id, 60);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo is broken >&2; exit 7          | 30000 | ended with 7: is broken",
        "exit 0                              | 30000 | read something else",
        "echo garbage                        | 30000 | no proof that can be read",
        "sleep 100                           | 1500  | proved nothing within 1500 ms",
        "yes                                 | 1500  | proved nothing within 1500 ms",
        "kill -9 $$                          | 30000 | ended with 137",
      })
  void aBrokenProgramIsRefused(String script, int proofMillis, String reason) throws Exception {
    HelloReply before = client.hello();
    assertRefused(to(node.program("broken", script)).setProofMillis(proofMillis), reason);
    assertThat(client.hello()).isEqualTo(before);
  }

  @Test
  void whatIsNoProgramIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("text"), "text");
    assertRefused(to(file), "Permission denied");
    assertRefused(to(folder.resolve("none")), "No such file");
    assertRefused(to(folder), "Permission denied");
    assertRefused(UpgradeRequest.newBuilder().setProgram("bin/conmon-j"), "not absolute");
  }

  /** It proves itself, but what it says it is cannot be executed. */
  @Test
  void whenTheLastStepFailsAllGoesOnAsBefore() throws Exception {
    HelloReply before = client.hello();
    String id = runningWriter();
    Path real = node.program("conmon-j");
    // A proof of arguments that name a program which is gone by then.
    Path gone = folder.resolve("gone/java");
    Path program =
        node.program(
            "vanishing",
            "mkdir -p " + gone.getParent(),
            "cp " + Path.of(System.getProperty("java.home"), "bin/java") + " " + gone,
            "sed 's,^exec [^ ]*,"
                + "LD_LIBRARY_PATH="
                + Path.of(System.getProperty("java.home"), "lib")
                + " "
                + gone
                + ",' "
                + real
                + " >"
                + gone
                + ".sh",
            "sh " + gone + ".sh \"$@\"",
            "status=$?",
            "rm -r " + gone.getParent(),
            "exit $status");
    assertRefused(to(program), "execve " + gone);
    assertThat(client.hello()).isEqualTo(before);
    try (TestClient other = TestClient.connect(node.socket())) {
      assertThat(other.hello()).isEqualTo(before);
    }
    upgrade();
    assertThat(client.exited(id).getExitCode()).isEqualTo(3);
    assertNumbered(id, 200);
  }

  private void assertRefused(UpgradeRequest.Builder request, String reason) throws Exception {
    assertRefused(client, request, reason);
  }

  private static void assertRefused(
      TestClient asking, UpgradeRequest.Builder request, String reason) throws Exception {
    Reply reply = asking.upgrade(request);
    assertThat(reply.getFailure().getMessage()).as(reply.toString()).contains(reason);
    assertThat(reply.getFailure().getCode())
        .isIn(
            FailureCode.FAILURE_CODE_INVALID,
            FailureCode.FAILURE_CODE_INTERNAL,
            FailureCode.FAILURE_CODE_TIMED_OUT);
  }

  private String runningWriter() throws Exception {
    CreateRequest request =
        node.shell(
                "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit 3")
            .build();
    client.create(request);
    node.start(request.getContainerId());
    return request.getContainerId();
  }

  private void assertNumbered(String id, int count) throws IOException {
    assertNumbered(node, id, count);
  }

  static void assertNumbered(TestNode node, String id, int count) throws IOException {
    List<String> lines = node.stdout(id).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).isEqualTo("line " + i);
    }
    assertThat(lines).hasSize(count);
  }

  @Test
  void killedInTheMiddleItIsFollowedAsUsual() throws Exception {
    try (CheapContainers cheap = new CheapContainers(node, folder)) {
      String id = cheap.run(client, CheapContainers.writer(1000, 10, 8));
      TestClient.KeptContainer kept = client.kept(id);
      Random random = new Random();
      for (int i = 0; i < 3; i++) {
        client.beginUpgrade(to(node.program("conmon-j")));
        Thread.sleep(random.nextInt(1500));
        client = node.restartMonitor();
        assertThat(client.adopt(kept).hasAdopt()).isTrue();
        client.keep();
      }
      kept.descriptors().forEach(Fd::close);
      Exited exited = client.exited(id);
      assertThat(exited.getExitCode()).as(exited.toString()).isEqualTo(8);
      List<String> lines = node.stdout(id).lines().distinct().toList();
      assertThat(lines).hasSize(1000);
    }
  }
}
