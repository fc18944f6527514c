package io.crij.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrijTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--nonsense",
        "nonsense",
        "",
        "image",
        "image import",
        "image import /a /b",
        "image pull",
        "node explode",
        "pod run",
        "pod run --name a",
        "logs",
        "--address /no/uri version",
        "--address unix://relative version",
      })
  void wrongUsageIsOneLineAndStatusTwo(String commandLine) {
    assertThat(run(Map.of(), commandLine)).isEqualTo(2);

    assertThat(err.toString()).startsWith("crij: ").hasLineCount(1);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version",
        "info",
        "image import /a --name b",
        "image ls",
        "image pull a",
        "image rm a",
        "node drain",
        "node shutdown --with-monitor",
        "pod run --name a --image b -- sh -c c",
        "pod ls",
        "pod containers",
        "logs 0123",
        "status",
      })
  void aNodeThatDoesNotAnswerIsOneLineAndStatusOne(String commandLine) {
    assertThat(run(Map.of(), "--address unix:///no/such.sock " + commandLine)).isEqualTo(1);

    assertThat(err.toString())
        .isEqualTo("crij: no crijd answers on unix:///no/such.sock" + System.lineSeparator());
  }

  @Test
  void theAddressComesFromTheEnvironmentToo() {
    assertThat(run(Map.of("CRIJ_ADDRESS", "unix:///of/env.sock"), "info")).isEqualTo(1);
    assertThat(err.toString()).contains("unix:///of/env.sock");

    // As crijd reads its own: empty is as good as unset.
    assertThat(run(Map.of("CRIJ_ADDRESS", ""), "--address unix:///no/such.sock info")).isEqualTo(1);

    assertThat(run(Map.of("CRIJ_ADDRESS", "nonsense"), "info")).isEqualTo(2);
    assertThat(err.toString()).contains("environment CRIJ_ADDRESS: not a unix:///path URI");
  }

  @Test
  void helpNamesTheCommands() {
    assertThat(run(Map.of(), "--help")).isZero();
    assertThat(out.toString())
        .contains("version", "info", "image", "artifact", "node", "CRIJ_ADDRESS");

    assertThat(run(Map.of(), "image --help")).isZero();
    assertThat(out.toString())
        .contains(
            "import", "ls", "pull", "rm", "export", "tag", "inspect", "history", "prune", "du",
            "check");
  }

  @Test
  void bashCompletesItsCommands() throws Exception {
    assertThat(run(Map.of(), "completion")).isZero();
    Path script = Files.writeString(folder.resolve("completion"), out.toString());
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source %s; COMP_WORDS=(crij image d); COMP_CWORD=2; _complete_crij; echo ${COMPREPLY[@]}"
                    .formatted(script))
            .redirectErrorStream(true)
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("du\n");
    assertThat(bash.waitFor()).isZero();
  }

  private int run(Map<String, String> environment, String commandLine) {
    String[] args = commandLine.isEmpty() ? new String[0] : commandLine.split(" ", -1);
    return Crij.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), args);
  }
}
