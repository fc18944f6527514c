package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.NodeFiles;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code make run} and {@code make stop} run, on private folders. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class RunAndStopKernelTest {
  private static final String OWN_NETWORK = "src/test/resources/own-network.sh";
  private static final String HELLO = "Hello from a pod of CRI-J: hello, ";

  @Test
  void aNodeIsStartedAndStopped(PrivateRoot home, Registry registry) throws Exception {
    try (NodeFiles files = NodeFiles.create(home, registry, "")) {
      Map<String, String> variables = variables(files, "docker.io/library/busybox:latest");
      Command run = script("run.sh").with(variables);
      Command stop = script("stop.sh").with(variables);
      try {
        assertThat(run.run().output()).contains("crij: ready", HELLO, "make stop");
        assertThat(run.run().output()).contains("already up", "is there already", HELLO);
      } finally {
        assertThat(stop.run().output()).contains("crij: stopped");
      }
      assertThat(home.runroot()).doesNotExist();
      assertThat(home.root()).isNotEmptyDirectory();
      assertThat(stop.run().output()).contains("not up");
    }
  }

  @Test
  void withoutARegistryTheHostsBusyboxIsRunAndAKilledCrijdIsClearedUp(
      PrivateRoot home, Registry registry) throws Exception {
    try (NodeFiles files = NodeFiles.create(home, registry, "")) {
      Map<String, String> variables = variables(files, "registry.invalid/busybox:1");
      try {
        assertThat(script("run.sh").with(variables).run().output())
            .contains("no registry answers for registry.invalid/busybox:1", HELLO);
        String pid = Files.readString(home.runroot().resolve("crijd.lock")).strip();
        Command.of("kill", "-KILL", pid).run();
      } finally {
        assertThat(script("stop.sh").with(variables).run().output()).contains("crij: stopped");
      }
      assertThat(home.runroot()).doesNotExist();
    }
  }

  /**
   * As kubens.service makes one, with a file that is nowhere else. On one processor, because Linux
   * 6.18 numbers namespaces by processor, and keeps one only in a namespace of a lower number.
   */
  @Test
  void theServersGoWhereKubernetesMounts(PrivateRoot home) throws Exception {
    String script =
        """
        cd "$1"; mkdir ns only; mount --bind ns ns; mount --make-private ns; touch ns/mnt
        unshare --mount=ns/mnt sh -c 'mount -t tmpfs none only; echo "[crij]" > only/crij.toml'
        if "$2" config check --config "$1/only/crij.toml" 2> /dev/null; then exit 9; fi
        KUBENSMNT="$1/ns/mnt" "$2" config check --config "$1/only/crij.toml"
        umount ns/mnt; umount ns
        """;
    String pinned =
        """
        processor=$(sed -n 's/^Cpus_allowed_list:\\s*\\([0-9]*\\).*/\\1/p' /proc/self/status)
        exec taskset --cpu-list "$processor" unshare --mount sh -ec "$@"
        """;
    String folder = Files.createDirectory(home.resolve("own")).toString();

    assertThat(
            Command.of(
                    "sh", "-ec", pinned, "sh", script, "sh", folder, Setup.read().program("crijd"))
                .run()
                .output())
        .contains("the configuration is valid");
  }

  /** On a node that had no network: in namespaces of the test's own. */
  @ParameterizedTest
  @MethodSource
  void whatIsOursOfTheNodesNetworkGoes(String state, List<String> left, PrivateRoot home)
      throws Exception {
    Path folder = Files.createDirectory(home.resolve("own"));
    Map<String, String> variables =
        Map.of(
            "CRIJ_ROOT", folder.resolve("root").toString(),
            "CRIJ_RUNROOT", folder.resolve("run").toString(),
            "CRIJ_LOGS", folder.resolve("log").toString());

    List<String> lines =
        Command.of("unshare", "--mount", "--net", OWN_NETWORK, folder.toString(), state)
            .with(variables)
            .run()
            .lines();

    assertThat(lines).containsSubsequence("crij: CRI-J is not up on this node", "link: lo");
    assertThat(
            lines.stream().filter(line -> !line.startsWith("crij: ") && !line.equals("link: lo")))
        .containsExactlyInAnyOrderElementsOf(left);
  }

  static Stream<Arguments> whatIsOursOfTheNodesNetworkGoes() {
    List<String> others = List.of("link: others", "rule: -A POSTROUTING -s 192.0.2.0/24 -j ACCEPT");
    List<String> chains =
        List.of(
            "rule: -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
            "rule: -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
            "rule: -A POSTROUTING -m comment --comment \"CNI portfwd requiring masquerade\""
                + " -j CNI-HOSTPORT-MASQ",
            "chain: CNI-HOSTPORT-DNAT",
            "chain: CNI-HOSTPORT-MASQ",
            "chain: CNI-HOSTPORT-SETMARK");
    List<String> files =
        List.of(
            "link: crij0",
            "left: /etc/cni/net.d/10-crij.conflist",
            "left: /etc/cni",
            "left: /var/lib/cni/networks/crij",
            "left: /var/lib/cni",
            "left: made-folders");
    return Stream.of(
        Arguments.of("ours", others),
        Arguments.of("used", all(others, chains)),
        Arguments.of("changed", all(others, all(chains, files))));
  }

  private static List<String> all(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static Command script(String name) {
    return Command.of(Path.of("..", "build", name).toString());
  }

  private static Map<String, String> variables(NodeFiles files, String image) {
    PrivateRoot home = files.home();
    return Map.of(
        "CRIJ_ROOT", home.root().toString(),
        "CRIJ_RUNROOT", home.runroot().toString(),
        "CRIJ_LOGS", home.resolve("log").toString(),
        "CRIJ_CONFIG", files.config().toString(),
        "IMAGE", image);
  }
}
