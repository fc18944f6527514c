package io.crij.e2e.kubernetes;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real kubectl, as an administrator of the cluster. */
final class Kubectl {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String PATIENCE = "--timeout=120s";

  private static final String FUNCTIONS =
      """
      kubectl() { KUBECTL "$@"; }
      first() {
        local count=$1 pid
        shift
        exec 3< <(exec timeout 120 KUBECTL "$@")
        pid=$!
        head -n "$count" <&3
        kill $pid
        wait $pid || return 0
      }
      """;

  private final Path kubeconfig;
  private final Path folder;

  /**
   * One for a cluster.
   *
   * @param folder for its cache, and manifests
   */
  Kubectl(Path kubeconfig, Path folder) {
    this.kubeconfig = kubeconfig;
    this.folder = folder;
  }

  /** Runs it and gives its output without the last line's end. */
  String run(String... arguments) {
    return command(arguments).run().output().stripTrailing();
  }

  Command.Outcome attempt(String... arguments) {
    return command(arguments).attempt();
  }

  /** What a shell runs it by; the words need no quotes. */
  String line(String... arguments) {
    return String.join(" ", words(arguments));
  }

  /**
   * Runs a script of bash and gives its output. In it {@code kubectl} is this one, and {@code first
   * N ARGUMENT…} writes so many lines of what kubectl says that does not end by itself.
   */
  String shell(String script) {
    return Command.of("bash", script(script).toString()).run().output().stripTrailing();
  }

  /** A file for bash in which {@code kubectl} is this one. */
  Path script(String script) {
    try {
      Path file = Files.createTempFile(folder, "script-", ".sh");
      return Files.writeString(file, FUNCTIONS.replace("KUBECTL", line()) + script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An object as the API server has it, as in {@code get("pod", "web")}. */
  JsonNode get(String kind, String name) {
    return JSON.readTree(run("get", kind, name, "--output=json"));
  }

  /** Applies a manifest of {@link Manifests}. */
  void apply(String manifest) throws IOException {
    apply(manifest, Map.of());
  }

  /** Applies one with values put into it. */
  void apply(String manifest, Map<String, String> values) throws IOException {
    Path file = Files.createTempFile(folder, "applied-", ".yaml");
    Files.writeString(file, Manifests.read(manifest, values));
    run("apply", "--filename=" + file);
  }

  /**
   * Waits until an object is in a state.
   *
   * @param state as in {@code condition=Ready} or {@code jsonpath={.status.phase}=Succeeded}
   * @throws AssertionError with the object's description when that takes more than two minutes
   */
  void await(String object, String state) {
    Command.Outcome outcome = attempt("wait", object, "--for=" + state, PATIENCE);
    if (outcome.status() != 0) {
      throw new AssertionError(
          object + " is not " + state + ": " + outcome.errors() + attempt("describe", object));
    }
  }

  private Command command(String... arguments) {
    return Command.of(words(arguments).toArray(String[]::new));
  }

  private List<String> words(String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(Setup.kubernetes().resolve("kubectl").toString());
    words.add("--kubeconfig=" + kubeconfig);
    words.add("--cache-dir=" + folder.resolve("kubectl-cache"));
    words.addAll(List.of(arguments));
    return words;
  }
}
