package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
      copiesMuch(kubectl, home);
      leaves(kubectl);
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

  /** A thousand files, and one of 64 MiB, there and back. */
  private static void copiesMuch(Kubectl kubectl, PrivateRoot home) throws Exception {
    Path much = Files.createDirectories(home.resolve("much"));
    Path back = home.resolve("much-back");
    String sums = "(cd %s && find . -type f | sort | xargs md5sum)";
    kubectl.shell(
        """
        head -c 67108864 /dev/urandom > %1$s/large
        for i in $(seq 1000); do mkdir -p %1$s/$((i %% 20)); echo $i > %1$s/$((i %% 20))/$i; done
        """
            .formatted(much));
    kubectl.run("cp", much.toString(), "shell:/tmp/much", "--container=main");
    kubectl.run("cp", "shell:/tmp/much", back.toString(), "--container=main");
    String sent = kubectl.shell(sums.formatted(much));
    assertThat(sent.lines()).hasSize(1001);
    assertThat(kubectl.shell(sums.formatted(back))).isEqualTo(sent);
    kubectl.run("exec", "shell", "--container=main", "--", "rm", "-r", "/tmp/much");
  }

  /** Whose client is killed, with its terminal or without, has nothing left in the container. */
  private static void leaves(Kubectl kubectl) {
    String abandoned =
        """
        exec 3< <(exec KUBECTL exec -i shell -c main -- sh -c 'echo begun; sleep 5432' < <(sleep 120))
        client=$!
        read -r begun <&3
        kill -9 $client
        echo $begun
        """;
    assertThat(kubectl.shell(abandoned.replace("KUBECTL", kubectl.line()))).isEqualTo("begun");
    String[] processes = {"exec", "shell", "--container=main", "--", "ps"};
    Eventually.holds(
        PATIENCE, () -> !kubectl.run(processes).contains("5432"), () -> kubectl.run(processes));
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

  /** The kubelet renames a log that is too long, and has the runtime begin another one. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aLogThatIsRotatedLosesNothingAndIsFollowedOn(PrivateRoot home, Registry registry)
      throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      cluster
          .kubelet()
          .restartWith(
              """
              containerLogMaxSize: 32Ki
              containerLogMaxFiles: 1000
              containerLogMonitorInterval: 3s
              """);
      kubectl.apply("lines.yaml");
      kubectl.await("pod/lines", "condition=Ready");
      // The kubelet's own follower may miss what is written while it turns to the new file.
      List<Integer> followed = numbers(kubectl.shell("first 1000 logs -f lines").lines());
      assertThat(followed).hasSize(1000).isSorted().doesNotHaveDuplicates();
      List<Integer> all = IntStream.rangeClosed(1, 2000).boxed().toList();
      Path folder = cluster.kubelet().podLogs();
      Eventually.holds(PATIENCE, () -> logged(folder).equals(all), () -> logged(folder).toString());
      assertThat(logs(folder)).hasSizeGreaterThan(2);
    }
  }

  private static List<Integer> numbers(Stream<String> lines) {
    return lines.map(line -> Integer.valueOf(line.substring(0, line.indexOf(' ')))).toList();
  }

  /** The numbers in all of a container's logs; none while the kubelet compresses one of them. */
  private static List<Integer> logged(Path folder) {
    try {
      List<Integer> all = new ArrayList<>();
      for (Path log : logs(folder)) {
        String open = log.toString().endsWith(".gz") ? "zcat" : "cat";
        String words = Command.of(open, log.toString()).run().output();
        // After time, stream and tag.
        all.addAll(numbers(words.lines().map(line -> line.split(" ", 4)[3])));
      }
      return all;
    } catch (AssertionError | IOException e) {
      return List.of();
    }
  }

  /** The oldest first: the kubelet adds the time to the name. */
  private static List<Path> logs(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .sorted(Comparator.comparing(log -> log.toString().replaceFirst("\\.log$", ".log.now")))
          .toList();
    }
  }
}
