package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.runtime.RuntimeServiceConfig.Handler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OCI runtimes, and where the monitor is. */
final class HandlersConfigTest {
  @TempDir private Path folder;

  @Test
  void everyKeyOfHandlersReachesItsSetting() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("crij.toml"),
            """
            [crij]
            runroot = "/data/run"
            [crij.runtime]
            default_runtime = "kata"
            monitor_cgroup = "/system.slice/monitors"
            [crij.runtime.runtimes.kata]
            runtime_path = "/opt/kata/bin/kata-runtime"
            runtime_root = "/run/kata"
            runtime_args = ["--debug"]
            no_pivot = true
            no_new_keyring = true
            [crij.runtime.runtimes.kata-wide]
            inherit_default_runtime = true
            """);

    ServerConfig config =
        ServerConfig.load(new CommandLine.Run(file, Map.of()), Map.of(), Path.of("/usr/lib/crij"));

    assertThat(config.runtime().runtimes())
        .containsEntry("kata", kata(Path.of("/run/kata")))
        .containsEntry("kata-wide", kata(null));
    assertThat(config.runtime().monitorCgroup())
        .startsWith("/system.slice/monitors/crij-")
        .endsWith("-monitor");
  }

  private static Handler kata(@Nullable Path root) {
    return new Handler(
        Path.of("/opt/kata/bin/kata-runtime"),
        root,
        List.of("--debug"),
        List.of("--no-pivot", "--no-new-keyring"));
  }
}
