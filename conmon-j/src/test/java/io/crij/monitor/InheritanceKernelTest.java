package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the monitor starts has nothing of the monitor's, and the limits the monitor came with. */
@Tag("root")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class InheritanceKernelTest {
  private static final String LOOK =
      "for f in /proc/self/fd/*; do echo fd ${f##*/}; done; cat /proc/self/status; "
          + "cat /proc/self/limits; echo oom $(cat /proc/self/oom_score_adj)";

  /** The node's own: few open files, but more allowed; killed a little earlier than others. */
  private static final List<String> NODE =
      List.of("/usr/bin/choom", "-n", "7", "--", "/usr/bin/prlimit", "--nofile=1234:4321");

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor(NODE);
    client.keep();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void neitherAContainerNorAnExecNorAHook() throws Exception {
    CreateRequest.Builder request = node.shell(LOOK + "; echo done; read x").setStdin(true);
    String id = request.getContainerId();
    Path config = node.bundle(id).resolve("config.json");
    Path hookSaid = folder.resolve("hook");
    String hook =
        """
        "hooks":{"createRuntime":[{"path":"/bin/sh","args":["sh","-c","(%s) >%s"]}]},"root":\
        """
            .formatted(LOOK, hookSaid);
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"root\":", hook)
            .replace(
                ",\n \"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1024,\"hard\":1024}]", ""));
    Path runtimeSaid = folder.resolve("runtime");
    request.getRuntimeBuilder().setPath(tellingRuntime(request, runtimeSaid));
    assertThat(client.create(request.build()).hasCreate()).isTrue();
    assertClean("the runtime", Files.readString(runtimeSaid));
    assertThat(Files.readString(runtimeSaid)).containsPattern(openFiles("1234"));
    node.start(id);
    await(() -> node.stdout(id).contains("done\n"));
    assertClean("the container", node.stdout(id));
    assertClean("a hook", Files.readString(hookSaid));

    ByteString process =
        ByteString.copyFromUtf8(
            TestNode.process(false, 0, "/bin/sh", "-c", LOOK)
                .replaceFirst(",\\s*\"rlimits.*", "}"));
    ExecSyncRequest.Builder sync =
        ExecSyncRequest.newBuilder().setContainerId(id).setProcess(process);
    assertClean("an exec", client.execSync(sync).getExecSync().getStdout().toStringUtf8());
    ExecRequest.Builder exec =
        ExecRequest.newBuilder()
            .setSessionId(TestNode.newId())
            .setContainerId(id)
            .setProcess(process);
    try (TestClient.Streams session = client.exec(exec)) {
      assertClean("a session", TestStreams.readAll(session.fd(FdKind.FD_KIND_STDOUT)));
    }
    Reply upgraded =
        client.upgrade(UpgradeRequest.newBuilder().setProgram(node.program("conmon-j").toString()));
    assertThat(upgraded.hasUpgrade()).as(upgraded.toString()).isTrue();
    String after = client.execSync(sync).getExecSync().getStdout().toStringUtf8();
    assertClean("an exec after an upgrade", after);
    node.runc("kill", id, "KILL");
    client.exited(id);
  }

  private String tellingRuntime(CreateRequest.Builder request, Path said) throws Exception {
    Path script = folder.resolve("telling-runtime");
    Files.writeString(
        script,
        "#!/bin/sh\n(%s) >%s\nexec %s \"$@\"\n"
            .formatted(LOOK, said, request.getRuntime().getPath()));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script.toString();
  }

  private static String openFiles(String soft) {
    return "Max open files +" + soft + " +4321 +files";
  }

  private static void assertClean(String who, String said) {
    List<String> lines = said.lines().toList();
    assertThat(lines.stream().filter(l -> l.startsWith("fd ")).toList())
        .as("descriptors of " + who)
        .allMatch(l -> List.of("fd 0", "fd 1", "fd 2", "fd 3").contains(l));
    for (String set : List.of("SigPnd", "SigBlk", "SigIgn", "SigCgt")) {
      assertThat(lines).as(who).contains(set + ":\t0000000000000000");
    }
    // Go 1.19, which runc may be built with, raises its own soft limit and passes that on.
    assertThat(said).as("limit of open files of " + who).containsPattern(openFiles("(1234|4321)"));
    assertThat(lines).as("OOM score of " + who).contains("oom 7");
  }
}
