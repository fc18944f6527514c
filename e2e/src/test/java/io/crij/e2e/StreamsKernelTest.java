package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Exec, attach and port-forward, with the clients of Kubernetes. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final List<String> TRANSPORTS = List.of("spdy", "websocket");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** MD5 of 64 MiB of zeros, as a check of the check. */
  private static final String ZEROS = "7f614da9329cd3aebf59b91aadc30bf0";

  private static RunningPod pod(Node node) throws Exception {
    return RunningPod.run(node, "streams", IMAGE);
  }

  @Test
  void whatACommandWritesReadsAndEndsWithReachesItsClient(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry)) {
      Crictl crictl = node.crictl();
      String container = pod(node).start("sleep", "1000");
      for (String transport : TRANSPORTS) {
        String[] both = {"exec", "--transport", transport, container, "sh", "-c"};
        Command.Outcome outcome = crictl.attempt(with(both, "echo out; echo err >&2; exit 7"));
        assertThat(outcome.output()).isEqualTo("out\n");
        assertThat(outcome.errors()).contains("err\n", "command terminated with exit code 7");
        assertThat(crictl.attempt(with(both, "kill -9 $$")).errors())
            .contains("command terminated with exit code 137");
        assertThat(crictl.attempt("exec", "--transport", transport, container, "nosuch").errors())
            .contains("executable file not found");

        String exec = crictl.line("exec", "-i", "--transport", transport, container);
        assertThat(shell("dd if=/dev/zero bs=1M count=64 2>/dev/null | " + exec + " md5sum"))
            .startsWith(ZEROS);
        assertThat(shell(exec + " dd if=/dev/zero bs=1M count=64 2>/dev/null | md5sum"))
            .startsWith(ZEROS);
        assertThat(shell(exec + " seq 1 3000000 | md5sum"))
            .isEqualTo(shell("seq 1 3000000 | md5sum"));
      }
    }
  }

  private static String[] with(String[] words, String last) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add(last);
    return all.toArray(String[]::new);
  }

  private static String shell(String script) {
    return Command.of("bash", "-c", script).run().output();
  }

  @Test
  void aTerminalHasItsClientsSize(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      String container = pod(node).start("sleep", "1000");
      for (String transport : TRANSPORTS) {
        String exec = node.crictl().line("exec", "-it", "--transport", transport, container);
        // Its size comes after the process has begun, or before.
        String script = exec + " sh -c 'until stty size | grep -q 33; do usleep 10000; done; tty'";
        assertThat(shell("script -qec \"stty rows 33 cols 77; " + script + "\" /dev/null"))
            .contains("/dev/pts/");
      }
    }
  }

  /** One that writes to a client that takes no more, one that is silent, and one that is deaf. */
  @Test
  void whoLeavesHasItsProcessHungUpAndKilledAfterTheGrace(PrivateRoot home, Registry registry)
      throws Exception {
    String grace = "[crij.runtime]\nexec_hangup_grace = \"2s\"";
    try (Node node = Node.start(home, registry, grace)) {
      Crictl crictl = node.crictl();
      String container = pod(node).start("sleep", "1000");
      assertThat(shell(crictl.line("exec", container, "yes") + " 2>/dev/null | head -c 1000"))
          .hasSize(1000);
      beginAndVanish(crictl, container, "echo begun; sleep 777");
      beginAndVanish(
          crictl,
          container,
          "trap \"touch /hung-up\" HUP; echo begun; sleep 999 & while :; do wait; done");
      Eventually.holds(
          PATIENCE,
          () -> {
            String processes = crictl.run("exec", "--sync", container, "ps");
            return !processes.contains(" yes")
                && !processes.contains("777")
                && !processes.contains("999");
          },
          () -> crictl.run("exec", "--sync", container, "ps"));
      assertThat(crictl.run("exec", "--sync", container, "ls", "/hung-up")).isEqualTo("/hung-up");
    }
  }

  private static void beginAndVanish(Crictl crictl, String container, String script)
      throws Exception {
    String exec = crictl.line("exec", container, "sh", "-c", "'" + script + "'");
    Process client = new ProcessBuilder("bash", "-c", "exec " + exec).start();
    assertThat(client.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("begun");
    client.destroyForcibly().waitFor();
  }

  @Test
  void aPortOfAPodIsForwardedToManyAtOnce(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      RunningPod pod = pod(node);
      String page = "mkdir /www; dd if=/dev/zero of=/www/page bs=1M count=1 2>/dev/null; ";
      // One listens on IPv4 alone, and one on IPv6 alone.
      String container =
          pod.start(
              "sh",
              "-c",
              page + "httpd -p 127.0.0.1:8004 -h /www; httpd -p [::1]:8006 -h /www; sleep 1000");
      Eventually.holds(
          PATIENCE,
          () -> node.crictl().run("exec", "--sync", container, "netstat", "-ltn").contains(":8006"),
          () -> node.crictl().run("exec", "--sync", container, "netstat", "-ltn"));
      for (String transport : TRANSPORTS) {
        for (int port : new int[] {8004, 8006}) {
          forwardAndFetch(node, pod.id(), transport, port);
        }
      }
    }
  }

  private static void forwardAndFetch(Node node, String pod, String transport, int port)
      throws Exception {
    String forward = node.crictl().line("port-forward", "--transport", transport, pod, ":" + port);
    Process client =
        new ProcessBuilder("bash", "-c", "exec " + forward).redirectErrorStream(true).start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI page = URI.create("http://127.0.0.1:" + localPort(client) + "/page");
      List<Future<Integer>> lengths = new ArrayList<>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 50; i++) {
          lengths.add(threads.submit(() -> length(http, page)));
        }
      }
      for (Future<Integer> length : lengths) {
        assertThat(length.get()).as("%s to %d", transport, port).isEqualTo(1 << 20);
      }
    } finally {
      client.destroyForcibly().waitFor();
    }
  }

  private static int length(HttpClient http, URI page) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(page).timeout(PATIENCE).build();
    return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body().length;
  }

  private static String localPort(Process client) throws IOException {
    Pattern forwarding = Pattern.compile("127\\.0\\.0\\.1:(\\d+) ->");
    BufferedReader lines = client.inputReader(StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher matcher = forwarding.matcher(line);
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    throw new AssertionError("the client of port-forward ended");
  }
}
