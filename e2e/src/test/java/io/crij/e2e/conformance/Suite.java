package io.crij.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.image.TestImage;
import io.crij.e2e.node.Node;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
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

/**
 * A run of critest against a private instance.
 *
 * @param name of its log
 * @param focus an expression of ginkgo for the specs to run; empty for all
 * @param skip one for those of them that are not; may be empty
 * @param flags of critest's own
 */
public record Suite(String name, String focus, String skip, List<String> flags) {
  private static final long LIMIT_MINUTES = 20;

  /** The suite's one image that is named by its digest: nobody can build it again. */
  private static final Pattern PINNED = Pattern.compile("test-image-digest@sha256:([0-9a-f]{64})");

  /**
   * Runs it to its end.
   *
   * @return what became of its specs: none failed, and nothing is left on the node
   */
  public List<Spec> run(PrivateRoot home, Registry registry, Node node) throws Exception {
    Path program =
        programWithOurDigest(
            home, registry.image("k8s-staging-cri-tools/test-image-digest:latest"));
    Path output = home.resolve(name + ".log");
    Path report = home.resolve(name + ".json");
    Process process =
        new ProcessBuilder(node.besideTheDaemon(command(program, node.endpoint(), report)))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    Path kept = Setup.read().scratch().resolve(name + ".log");
    Files.writeString(kept, Files.readString(output) + "\n\ncrijd:\n" + node.log());
    System.out.println(name + ": " + summary(output));
    assertThat(ended).describedAs("critest ended by itself, see %s", kept).isTrue();
    assertThat(report).describedAs("critest ran, see %s", kept).exists();
    List<Spec> specs = Spec.readAll(report);
    assertThat(specs).describedAs("see %s", kept).noneMatch(Spec::failed);
    assertThat(process.exitValue()).describedAs("see %s", kept).isZero();
    assertThat(node.crictl().run("pods", "--quiet")).isEmpty();
    assertThat(node.stateOfPods()).isEmpty();
    return specs;
  }

  private List<String> command(Path program, String endpoint, Path report) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("--runtime-endpoint=" + endpoint);
    command.add("--image-endpoint=" + endpoint);
    command.add("--ginkgo.no-color");
    command.add("--ginkgo.v");
    command.add("--ginkgo.json-report=" + report);
    command.addAll(flags);
    if (!focus.isEmpty()) {
      command.add("--ginkgo.focus=" + focus);
    }
    if (!skip.isEmpty()) {
      command.add("--ginkgo.skip=" + skip);
    }
    return command;
  }

  private static String summary(Path output) throws IOException {
    return Files.readAllLines(output, StandardCharsets.ISO_8859_1).stream()
        .filter(line -> line.contains(" Passed ") && line.contains(" Skipped"))
        .findFirst()
        .orElse("no summary");
  }

  private static Path programWithOurDigest(PrivateRoot home, TestImage image) throws IOException {
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
}
