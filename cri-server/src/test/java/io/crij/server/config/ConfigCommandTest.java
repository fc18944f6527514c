package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.server.config.given.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigCommandTest {
  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("crij.toml");
  }

  @Test
  void checkNamesTheFilesThatWereRead() throws IOException {
    Files.writeString(file, "[crij]\nroot = '/a'\n");
    Path dropIn = dropIn("50-site.toml", "[crij.runtime]\nlog_level = 'debug'\n");

    assertThat(run("check")).isEqualTo(file + "\n" + dropIn + "\nthe configuration is valid\n");
  }

  @Test
  void checkSaysWhatIsWrongInADropIn() throws IOException {
    Files.writeString(file, "[crij]\nroot = '/a'\n");
    Path dropIn = dropIn("50-site.toml", "[crij.runtime]\n\nlog_level = 'loud'\n");

    assertThatThrownBy(() -> run("check"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(dropIn + ":3: crij.runtime.log_level: 'loud' is none of");
  }

  @Test
  void checkNamesEveryKeyThatThereIsNotAndWhyWhereItIsOneOfCrio() throws IOException {
    Files.writeString(
        file,
        """
        [crij]
        rot = '/a'
        [crij.runtime]
        conmon = "/usr/bin/conmon"
        [crij.runtime.runtimes.crun]
        monitor_exec_cgroup = "container"
        [crij.nri]
        enable_nri = true
        """);
    Path dropIn = dropIn("50-site.toml", "[crij.image]\nsignature_policy = '/etc/p.json'\n");

    assertThatThrownBy(() -> run("check"))
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching(
            String.join(
                "\n",
                file + ":2: crij.rot: unknown key",
                file + ":4: crij.runtime.conmon: a key of CRI-O that crijd has not: one monitor.*",
                file + ":6: crij.runtime.runtimes.crun.monitor_exec_cgroup: a key of CRI-O.*",
                file + ":7: crij.nri: a key of CRI-O that crijd has not: crijd has no NRI;.*",
                dropIn
                    + ":2: crij.image.signature_policy: a key of CRI-O .* checks no signatures.*"));
  }

  @Test
  void showIsAFileOfAllThatHoldsAndWhereItWasGiven() throws IOException {
    Files.writeString(
        file,
        """
        [crij]
        additional_image_stores = ['/mnt/a "b"', '/mnt/\\']
        [crij.image]
        http_proxy = 'http://me:secret@proxy.example:3128'
        [crij.runtime.runtimes.kata]
        runtime_path = '/opt/kata'
        """);

    String shown = run("show", "--root", "/flag");

    assertThat(shown)
        .contains("root = \"/flag\"  # flag --root\n")
        .contains(
            "additional_image_stores = [\"/mnt/a \\\"b\\\"\", \"/mnt/\\\\\"]  # " + file + ":2\n")
        .contains("\nhttp_proxy = \"http://…@proxy.example:3128\"  # " + file + ":4\n")
        .contains("\nshm_size = 67108864\n")
        .contains(
            "\n[crij.runtime.runtimes.kata]\nruntime_path = \"/opt/kata\"  # " + file + ":6\n")
        .doesNotContain("secret");
    Files.writeString(file, shown);
    assertThat(run("show").lines().map(line -> line.replaceAll("  # .*", "")))
        .containsExactlyElementsOf(
            shown.lines().map(line -> line.replaceAll("  # .*", "")).toList());
  }

  @Test
  void defaultIsWhatHoldsWithoutAnyFile() throws IOException {
    Files.writeString(file, "[crij]\nroot = '/a'\n");
    String defaults = run("default");

    assertThat(defaults).startsWith("[crij]\nroot = \"/var/lib/crij\"\n").doesNotContain("#");
    Files.writeString(file, "");
    assertThat(run("show")).isEqualTo(defaults);
  }

  @Test
  void somethingElseIsRefused() {
    assertThatThrownBy(() -> CommandLine.parse("config", "edit"))
        .hasMessage("config: 'edit' is none of check, show, default");
    assertThatThrownBy(() -> CommandLine.parse("config")).hasMessageStartingWith("config: ''");
    assertThatThrownBy(() -> CommandLine.parse("config", "check", "--rot"))
        .hasMessageStartingWith("flag --rot: unknown");
    assertThat(CommandLine.parse("config", "check", "--help")).isEqualTo(new CommandLine.Help());
  }

  private String run(String command, String... flags) {
    String[] args = new String[flags.length + 4];
    args[0] = "config";
    args[1] = command;
    args[2] = "--config";
    args[3] = file.toString();
    System.arraycopy(flags, 0, args, 4, flags.length);
    CommandLine.Config config = (CommandLine.Config) CommandLine.parse(args);
    return config.command().run(config.run(), Map.of(), Path.of("/usr/lib/crij"));
  }

  private Path dropIn(String name, String content) throws IOException {
    Path dropIns = Files.createDirectories(folder.resolve("crij.toml.d"));
    return Files.writeString(dropIns.resolve(name), content);
  }
}
