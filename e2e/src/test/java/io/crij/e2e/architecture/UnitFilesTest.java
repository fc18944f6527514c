package io.crij.e2e.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units of systemd, as far as they can be judged without it. */
final class UnitFilesTest {
  private static final Path UNITS = Path.of("../deploy/systemd");

  /** What the units use, by section: systemd.unit(5), systemd.service(5), systemd.exec(5) etc. */
  private static final Map<String, Set<String>> DOCUMENTED =
      Map.of(
          "[Unit]",
          Set.of(
              "Description", "Documentation", "Wants", "After", "Before", "StartLimitIntervalSec"),
          "[Service]",
          Set.of(
              "Type",
              "NotifyAccess",
              "ExecStart",
              "ExecReload",
              "Restart",
              "RestartSec",
              "RestartPreventExitStatus",
              "SuccessExitStatus",
              "TimeoutStartSec",
              "TimeoutStopSec",
              "WatchdogSec",
              "WatchdogSignal",
              "FileDescriptorStoreMax",
              "KillMode",
              "Delegate",
              "TasksMax",
              "RuntimeDirectory",
              "RuntimeDirectoryMode",
              "RuntimeDirectoryPreserve",
              "OOMScoreAdjust",
              "LimitNOFILE",
              "LimitNPROC",
              "LimitCORE"),
          "[Install]",
          Set.of("WantedBy"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"conmon-j.service", "crij.service"})
  void everyDirectiveIsOneOfSystemd(String unit) throws IOException {
    String section = "";
    for (String line : Files.readAllLines(UNITS.resolve(unit))) {
      if (line.startsWith("[")) {
        section = line;
        assertThat(DOCUMENTED).containsKey(section);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        assertThat(line).contains("=");
        String directive = line.substring(0, line.indexOf('='));
        assertThat(DOCUMENTED.get(section)).as(unit + ": " + line).contains(directive);
      }
    }
    assertThat(section).isEqualTo("[Install]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"conmon-j.service", "crij.service"})
  void aServiceNeitherKillsContainersNorStaysAway(String unit) throws IOException {
    assertThat(Files.readAllLines(UNITS.resolve(unit)))
        .contains(
            "Type=notify",
            "KillMode=process",
            "Restart=always",
            "Delegate=yes",
            "OOMScoreAdjust=-999",
            "StartLimitIntervalSec=0")
        .anyMatch(line -> line.startsWith("WatchdogSec="));
  }

  @ParameterizedTest
  @ValueSource(strings = {"conmon-j.service", "crij.service"})
  void systemdItselfFindsNoFaultWhereItIsInstalled(String unit)
      throws IOException, InterruptedException {
    Path program = Path.of("/usr/bin/systemd-analyze");
    if (!Files.isExecutable(program)) {
      return;
    }
    for (String name : List.of("conmon-j.service", "crij.service")) {
      // It looks for the programs too, which are not installed here.
      String text = Files.readString(UNITS.resolve(name));
      Files.writeString(
          folder.resolve(name),
          text.replaceAll("ExecStart=/usr/lib/crij/bin/[a-z-]+", "ExecStart=/bin/true"));
    }
    Process process =
        new ProcessBuilder(
                program.toString(), "verify", "--man=no", folder.resolve(unit).toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).doesNotContain(unit);
  }
}
