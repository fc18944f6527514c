package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What people type at a running pod. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class KubectlKernelTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void streamsReachThePod(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("shell.yaml");
      kubectl.await("pod/shell", "condition=Ready");
      execs(kubectl);
      copies(kubectl, home);
      attaches(kubectl);
      forwards(kubectl);
    }
  }

  private static void execs(Kubectl kubectl) {
    String[] script = {"exec", "shell", "--container=main", "--", "sh", "-c", ""};
    script[script.length - 1] = "echo out; echo err >&2; exit 7";
    Command.Outcome outcome = kubectl.attempt(script);
    assertThat(outcome.status()).isEqualTo(7);
    assertThat(outcome.output()).isEqualTo("out\n");
    assertThat(outcome.errors()).isEqualTo("err\ncommand terminated with exit code 7\n");
    assertThat(kubectl.shell("seq 1 300000 | kubectl exec -i shell -c main -- cat | md5sum"))
        .isEqualTo(kubectl.shell("seq 1 300000 | md5sum"));
    // A terminal on both sides, of the size of the one here.
    String inside = "sh -c 'until stty size | grep -q \"33 77\"; do usleep 10000; done; tty'";
    Path file = kubectl.script("stty rows 33 cols 77; kubectl exec -it shell -c main -- " + inside);
    assertThat(kubectl.shell("script -qec 'bash " + file + "' /dev/null")).contains("/dev/pts/");
  }

  private static void copies(Kubectl kubectl, PrivateRoot home) throws Exception {
    Path folder = Files.createDirectories(home.resolve("copied/deep"));
    Files.writeString(folder.resolve("file"), "over and back\n");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
    kubectl.run("cp", home.resolve("copied").toString(), "shell:/tmp/there", "--container=main");
    String[] read = {"exec", "shell", "--container=main", "--", "cat", "/tmp/there/deep/file"};
    assertThat(kubectl.run(read)).isEqualTo("over and back");
    kubectl.run("cp", "shell:/tmp/there", home.resolve("back").toString(), "--container=main");
    assertThat(home.resolve("back/deep/file")).hasContent("over and back\n");
  }

  private static void attaches(Kubectl kubectl) {
    assertThat(kubectl.shell("first 1 attach -i shell -c main < <(echo typed)"))
        .isEqualTo("heard typed");
    Eventually.holds(
        PATIENCE,
        () -> kubectl.run("logs", "shell", "--container=main").equals("heard typed"),
        () -> kubectl.run("logs", "shell", "--container=main"));
  }

  private static void forwards(Kubectl kubectl) {
    String fetch =
        """
        exec 3< <(exec timeout 120 FORWARD)
        forwarder=$!
        read -r _ _ from _ <&3
        busybox wget -q -O - "http://$from"
        kill $forwarder
        wait $forwarder
        true
        """;
    String forward = kubectl.line("port-forward", "pod/shell", ":8080");
    assertThat(kubectl.shell(fetch.replace("FORWARD", forward))).isEqualTo("forwarded");
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void logsAreReadFollowedAndKeptOfTheRunBefore(PrivateRoot home, Registry registry)
      throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("crashing.yaml");
      String waits = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=";
      kubectl.await("pod/crashing", waits + "CrashLoopBackOff");
      kubectl.await("pod/crashing", "jsonpath={.status.containerStatuses[0].restartCount}=2");
      kubectl.await("pod/crashing", "condition=Ready");
      assertThat(kubectl.run("logs", "crashing")).isEqualTo("run 3");
      assertThat(kubectl.run("logs", "--previous", "crashing")).isEqualTo("run 2");
      var last = kubectl.get("pod", "crashing").at("/status/containerStatuses/0/lastState");
      assertThat(last.at("/terminated/exitCode").asInt()).isEqualTo(3);
      assertThat(last.at("/terminated/reason").asString()).isEqualTo("Error");
      assertThat(last.at("/terminated/message").asString()).isEqualTo("why I ended\n");

      kubectl.apply("shell.yaml");
      kubectl.await("pod/shell", "condition=Ready");
      String followed =
          """
          first 2 logs -f shell -c main &
          first 2 attach -i shell -c main < <(echo 1; echo 2) >/dev/null
          wait %1
          """;
      assertThat(kubectl.shell(followed)).isEqualTo("heard 1\nheard 2");
    }
  }
}
