package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.server.config.given.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of the OCI runtimes. */
final class RuntimesConfigTest {
  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.createFile(folder.resolve("crij.toml"));
  }

  @Test
  void onlyRuntimesThatAreInstalledExistByDefault() {
    assertThat(load().runtime().runtimes())
        .allSatisfy((name, handler) -> {
          assertThat(name).isIn("crun", "runc");
          assertThat(handler.runtimePath()).isExecutable();
        });
  }

  @Test
  void everyKeyOfHandlersReachesItsSetting() throws IOException {
    write(
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
        runtime_type = "vm"
        runtime_config_path = "/etc/hosts"
        platform_runtime_paths = {"wasi/wasm" = "/opt/kata/bin/crun-wasm"}
        no_pivot = true
        no_new_keyring = true
        [crij.runtime.runtimes.kata-wide]
        inherit_default_runtime = true
        """);

    ServerConfig config = load();

    assertThat(config.runtime().runtimes())
        .containsEntry("kata", kata(Path.of("/run/kata")))
        .containsEntry("kata-wide", kata(null));
    assertThat(config.runtime().monitorCgroup())
        .startsWith("/system.slice/monitors/crij-")
        .endsWith("-monitor");
  }

  private static Handler kata(@Nullable Path root) {
    return new Handler(
        true,
        Path.of("/opt/kata/bin/kata-runtime"),
        Map.of("wasi/wasm", Path.of("/opt/kata/bin/crun-wasm")),
        root,
        List.of("--debug"),
        List.of("--no-pivot", "--no-new-keyring"));
  }

  @Test
  void aRuntimeWithoutPathIsLookedUp() throws IOException {
    write("[crij.runtime.runtimes.no-such-program]\n");

    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            file
                + ":1: crij.runtime.runtimes.no-such-program.runtime_path: missing, and there is no"
                + " no-such-program in the usual places");
  }

  @Test
  void aDefaultRuntimeMustExist() throws IOException {
    write("[crij.runtime]\ndefault_runtime = 'gone'\n");

    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":2: crij.runtime.default_runtime: no runtime named gone");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "runtime_type = 'wasm' | runtime_type: none of oci, pod, vm",
        "runtime_config_path = '/etc/hosts' | runtime_config_path: only for runtime_type vm; tell"
            + " other programs by runtime_args",
        "runtime_config_path = '/absent/kata.toml' | runtime_config_path: no such file:"
            + " /absent/kata.toml",
        "platform_runtime_paths = {wasi = '/x'} | platform_runtime_paths: 'wasi' is not a platform"
            + " such as wasi/wasm",
        "platform_runtime_paths = {'wasi/wasm' = 'x'} | platform_runtime_paths.wasi/wasm: not an"
            + " absolute path: 'x'",
        "base_runtime_spec = '/absent/base.json' | base_runtime_spec: no such file:"
            + " /absent/base.json"
      })
  void mistakesInTheTableOfAHandlerAreNamed(String line, String message) throws IOException {
    write("[crij.runtime.runtimes.x]\nruntime_path = '/x'\n" + line + "\n");

    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ":3: crij.runtime.runtimes.x." + message);
  }

  private ServerConfig load() {
    CommandLine.Run run =
        (CommandLine.Run) CommandLine.parse(new String[] {"--config", file.toString()});
    return ServerConfig.load(run, Map.of(), Path.of("/opt/crij"));
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
  }
}
