package io.crij.e2e.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The life of a pod with each OCI runtime, by the name of its handler. */
@Tag("handlers")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class HandlersKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** The reason that Status gives is the runtime's own. */
  private static final String BROKEN = "#!/bin/sh\necho 'no virtualization here' >&2; exit 1\n";

  private static String table(String name, Path program, String more) {
    return "[crij.runtime.runtimes.%s]\nruntime_path = \"%s\"\n%s\n".formatted(name, program, more);
  }

  private static String runtimes(Path broken) {
    Path goTools = Setup.read().goTools();
    Path handlerTools = Setup.handlerTools();
    return table("runc", Path.of("/usr/sbin/runc"), "")
        + table("runc-new", goTools.resolve("runc"), "exec_cpu_affinity = \"first\"")
        + table("youki", handlerTools.resolve("youki"), "")
        + table("broken", broken, "");
  }

  /** Its own network stack would take the pod's addresses for one container alone. */
  private static String gvisor() {
    return table(
        "runsc",
        Setup.handlerTools().resolve("runsc"),
        "runtime_args = [\"--platform=systrap\", \"--network=host\"]");
  }

  @Test
  void aPodLivesWithEachOfThem(PrivateRoot home, Registry registry) throws Exception {
    Path broken = home.resolve("broken");
    Files.writeString(broken, BROKEN);
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    try (Node node = Node.startWithoutUnified(home, registry, runtimes(broken))) {
      node.crictl().run("pull", IMAGE);
      // One whose probe takes long on a busy machine is tried again.
      awaitHandlers(node, "runc", "runc-new", "crun", "youki");
      assertThat(handlers(node)).doesNotContain("runsc", "broken");
      assertThat(node.crictl().run("info"))
          .contains("broken cannot run here: no virtualization here");
      node.reconfigure(gvisor());
      awaitHandlers(node, "runsc");

      for (String handler : List.of("runc", "runc-new", "crun", "youki", "runsc")) {
        podLives(node, handler);
      }
      assertThat(features(node, "crun", "recursive_read_only_mounts")).isTrue();
      assertThat(features(node, "runc-new", "user_namespaces")).isTrue();
      assertThat(features(node, "runc", "user_namespaces")).isFalse();
      assertThat(features(node, "runsc", "recursive_read_only_mounts")).isFalse();
    }
  }

  private static void podLives(Node node, String handler) throws IOException {
    Crictl crictl = node.crictl();
    PodFiles files = new PodFiles(node.podLogs(handler), handler);
    String pod = crictl.run("runp", "--runtime", handler, files.pod());
    String script = "trap 'echo stopped; exit 7' TERM; echo $(uname -v); sleep 600 & wait";
    String container =
        crictl.run("create", pod, files.container("main", IMAGE, "sh", "-c", script), files.pod());
    crictl.run("start", container);

    Eventually.holds(
        PATIENCE, () -> !crictl.run("logs", container).isEmpty(), () -> handler + ": no log");
    assertThat(crictl.run("exec", "--sync", container, "cat", "/etc/hostname", "/proc/1/cmdline"))
        .as(handler)
        .contains(handler + "\n", "sleep 600");
    Command.Outcome failed =
        crictl.attempt("exec", "--sync", container, "sh", "-c", "echo bad >&2; exit 3");
    assertThat(failed.errors()).as(handler).contains("exited with 3", "bad");
    assertThat(usage(crictl, container)).as(handler).isPositive();
    crictl.run("stop", "--timeout", "30", container);
    JsonNode status = crictl.json("inspect", container).path("status");
    assertThat(status.path("exitCode").asInt()).as(handler).isEqualTo(7);
    assertThat(crictl.run("logs", container)).as(handler).endsWith("stopped");
    crictl.run("rmp", "--force", pod);
  }

  private static long usage(Crictl crictl, String container) {
    return crictl
        .json("stats", "--output", "json", container)
        .at("/stats/0/memory/workingSetBytes/value")
        .asLong();
  }

  private static void awaitHandlers(Node node, String... names) {
    Eventually.holds(
        PATIENCE,
        () -> handlers(node).containsAll(List.of(names)),
        () -> "not all of " + List.of(names) + "\n" + node.crictl().run("info") + node.log());
  }

  private static List<String> handlers(Node node) {
    return node.crictl()
        .json("info")
        .path("runtimeHandlers")
        .valueStream()
        .map(handler -> handler.path("name").asString())
        .toList();
  }

  private static boolean features(Node node, String handler, String feature) {
    return node.crictl()
        .json("info")
        .path("runtimeHandlers")
        .valueStream()
        .filter(entry -> entry.path("name").asString().equals(handler))
        .anyMatch(entry -> entry.path("features").path(feature).asBoolean(false));
  }
}
