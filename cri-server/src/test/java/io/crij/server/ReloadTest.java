package io.crij.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.server.config.CommandLine;
import io.crij.server.config.LoadedConfig;
import io.crij.server.config.ServerConfig;
import io.crij.server.config.given.Applied;
import io.crij.server.config.given.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReloadTest {
  @TempDir private Path folder;

  private Path file;
  private Reload reload;
  private final List<ServerConfig> applied = new ArrayList<>();

  @BeforeEach
  void load() throws IOException {
    file = Files.writeString(folder.resolve("crij.toml"), "[crij.runtime]\nshm_size = 1048576\n");
    reload = new Reload(read().given(), this::read);
  }

  private LoadedConfig read() {
    return LoadedConfig.read(new CommandLine.Run(file, Map.of()), Map.of(), Path.of("/home"));
  }

  @Test
  void aValidConfigurationIsSwappedIn() throws IOException {
    reload.open(applied::add);
    Files.writeString(file, "[crij.runtime]\nshm_size = 2097152\n");
    reload.run();

    assertThat(applied)
        .singleElement()
        .satisfies(config -> assertThat(config.runtime().shmBytes()).isEqualTo(2 << 20));
  }

  @Test
  void ofAnInvalidOneNothingIs() throws IOException {
    reload.open(applied::add);
    Files.writeString(file, "[crij.runtime]\nshm_size = 2097152\nlog_level = 'loud'\n");
    reload.run();
    Files.delete(file);
    reload.run();

    assertThat(applied).isEmpty();
  }

  @Test
  void aSignalBeforeTheEndOfTheStartIsNotForgotten() {
    reload.run();
    assertThat(applied).isEmpty();
    reload.open(applied::add);
    assertThat(applied).hasSize(1);
  }

  @Test
  void changesTellOldAndNewAndWhatWaitsForAStart() throws IOException {
    LoadedConfig before = read();
    Files.writeString(
        file,
        """
        [crij]
        root = '/b'
        [crij.api]
        stream_port = '99'
        [crij.metrics]
        enable_metrics = true
        [crij.runtime.runtimes.x]
        runtime_path = '/x'
        default_annotations = {'b.c/d' = 'e', a = ''}
        """);
    List<Change> changes = Change.between(before.given(), read().given());

    assertThat(changes)
        .containsExactly(
            new Change("crij.root", Applied.AT_START, "\"/var/lib/crij\"", "\"/b\""),
            new Change("crij.api.stream_port", Applied.AT_START, "\"0\"", "\"99\""),
            new Change("crij.runtime.shm_size", Applied.AT_HANGUP, "1048576", "67108864"),
            new Change("crij.metrics.enable_metrics", Applied.AT_START, "false", "true"),
            new Change("crij.runtime.runtimes.x.runtime_path", Applied.AT_HANGUP, null, "\"/x\""),
            new Change(
                "crij.runtime.runtimes.x.default_annotations",
                Applied.AT_HANGUP,
                null,
                "{\"a\" = \"\", \"b.c/d\" = \"e\"}"));
    assertThat(changes.getFirst()).hasToString("crij.root from \"/var/lib/crij\" to \"/b\"");
    assertThat(changes.get(4))
        .hasToString("crij.runtime.runtimes.x.runtime_path from not given to \"/x\"");
    assertThat(Change.between(before.given().withApplied(read().given()), read().given()))
        .extracting(Change::key)
        .containsExactly("crij.root", "crij.api.stream_port", "crij.metrics.enable_metrics");
  }
}
