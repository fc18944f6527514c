package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.image.TestImage;
import io.crij.e2e.node.Node;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The conformance suite of the CRI, against a private instance. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class CritestKernelTest {
  private static final long LIMIT_MINUTES = 20;

  /** The suite's one image that is named by its digest: nobody can build it again. */
  private static final Pattern PINNED = Pattern.compile("test-image-digest@sha256:([0-9a-f]{64})");

  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) Passed .*(\\d+) Failed .*(\\d+) Pending .*(\\d+) Skipped");

  @Test
  @Timeout(value = 25, unit = TimeUnit.MINUTES)
  void theSuitePasses(PrivateRoot home, Registry registry) throws Exception {
    String focus = System.getProperty("crij.critest.focus", "");
    String skip = System.getProperty("crij.critest.skip", "");
    try (Node node = Node.start(home, registry)) {
      assertThat(passedSpecs(new Run(home, registry, node, "critest"), focus, skip))
          .describedAs("passed specs")
          .isPositive();
    }
  }

  /** They skip themselves where the OCI runtime cannot, as Debian's. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void userNamespacesPass(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.startWithNewRunc(home, registry)) {
      assertThat(passedSpecs(new Run(home, registry, node, "critest-users"), "UserNamespaces", ""))
          .describedAs("passed specs")
          .isEqualTo(6);
    }
  }

  /** The suite's own default is SPDY. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void streamsPassOverWebSockets(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      Run run =
          new Run(
              home,
              registry,
              node,
              "critest-websockets",
              List.of("--websocket-exec", "--websocket-attach", "--websocket-portforward"));
      assertThat(passedSpecs(run, "Streaming", "")).describedAs("passed specs").isPositive();
    }
  }

  /**
   * A run of the suite.
   *
   * @param name of its log
   * @param flags of its own
   */
  private record Run(
      PrivateRoot home, Registry registry, Node node, String name, List<String> flags) {
    Run(PrivateRoot home, Registry registry, Node node, String name) {
      this(home, registry, node, name, List.of());
    }
  }

  private static int passedSpecs(Run run, String focus, String skip) throws Exception {
    Path suite =
        suiteWithOurDigest(
            run.home(), run.registry().image("k8s-staging-cri-tools/test-image-digest:latest"));
    Path output = run.home().resolve(run.name() + ".log");
    List<String> command = new ArrayList<>();
    command.add(suite.toString());
    command.add("--runtime-endpoint=" + run.node().endpoint());
    command.add("--image-endpoint=" + run.node().endpoint());
    command.add("--ginkgo.no-color");
    command.add("--ginkgo.v");
    command.addAll(run.flags());
    // Without them the whole suite runs.
    if (!focus.isEmpty()) {
      command.add("--ginkgo.focus=" + focus);
    }
    if (!skip.isEmpty()) {
      command.add("--ginkgo.skip=" + skip);
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    Path kept = Setup.read().scratch().resolve(run.name() + ".log");
    Files.writeString(kept, Files.readString(output) + "\n\ncrijd:\n" + run.node().log());
    Matcher summary = SUMMARY.matcher(Files.readString(output));
    System.out.println("critest: " + (summary.find() ? summary.group() : "no summary"));
    assertThat(ended).describedAs("critest ended by itself, see %s", kept).isTrue();
    assertThat(process.exitValue()).describedAs(failures(output) + "\nsee " + kept).isZero();
    assertThat(run.node().crictl().run("pods", "--quiet")).isEmpty();
    assertThat(run.node().stateOfPods()).isEmpty();
    return Integer.parseInt(summary.group(1));
  }

  private static Path suiteWithOurDigest(PrivateRoot home, TestImage image) throws IOException {
    Path original = Setup.read().goTools().resolve("critest");
    // One byte is one character: nothing else is changed.
    String program = Files.readString(original, StandardCharsets.ISO_8859_1);
    Matcher pinned = PINNED.matcher(program);
    assertThat(pinned.find()).describedAs("%s pins an image", original).isTrue();
    String digest = image.manifest().digest().substring("sha256:".length());
    Path copy = home.resolve("critest");
    Files.writeString(copy, program.replace(pinned.group(1), digest), StandardCharsets.ISO_8859_1);
    assertThat(copy.toFile().setExecutable(true)).isTrue();
    return copy;
  }

  private static String failures(Path output) throws IOException {
    return String.join(
        "\n",
        Files.readAllLines(output).stream()
            .filter(line -> line.contains("[FAIL]"))
            .distinct()
            .toList());
  }
}
