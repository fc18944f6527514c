package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.PullLimits;
import io.crij.image.RegistryConfig;
import io.crij.image.RegistryConfig.CredentialSources;
import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.RuntimeServiceConfig.ContainerLogs;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.settings.ProcessSettings;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.telemetry.LogLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerConfigTest {
  private static final Path HOME = Path.of("/opt/crij");

  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.createFile(folder.resolve("crij.toml"));
  }

  @Test
  void everySettingHasItsDefault() {
    ServerConfig config = load();

    assertThat(config.root()).hasToString("/var/lib/crij");
    assertThat(config.runroot()).hasToString("/run/crij");
    assertThat(config.socket())
        .isEqualTo(new CriSocket(Path.of("/run/crij/crij.sock"), 0, 0, 16 << 20, 80 << 20));
    assertThat(config.adminSocket()).hasToString("/run/crij/admin.sock");
    assertThat(config.log().level()).isEqualTo(LogLevel.INFO);
    assertThat(config.runtime().shmBytes()).isEqualTo(RuntimeServiceConfig.USUAL_SHM_BYTES);
    assertThat(config.runtime().settings().process().capabilities())
        .isEqualTo(ProcessSettings.USUAL_CAPABILITIES);
    assertThat(config.images().pulls()).isEqualTo(PullLimits.DEFAULT);
    assertThat(config.runtime().defaultRuntime()).isEmpty();
    assertThat(config.runtime().cgroupManager()).isEqualTo(CgroupManager.CGROUPFS);
    assertThat(config.runtime().containerLogs()).isEqualTo(ContainerLogs.UNLIMITED);
    assertThat(config.runtime().cgroupParent()).isEqualTo("/crij");
    assertThat(config.runtime().network().networkDir()).hasToString("/etc/cni/net.d");
    assertThat(config.runtime().network().networkName()).isEmpty();
    assertThat(config.runtime().network().pluginDirs())
        .containsExactly(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));
    assertThat(config.runtime().monitorCommand()).containsExactly("/opt/crij/bin/conmon-j");
    assertThat(config.images().root()).isEqualTo(config.root());
    assertThat(config.images().runroot()).isEqualTo(config.runroot());
    assertThat(config.images().registries())
        .isEqualTo(
            new RegistryConfig(
                Stream.of("crij", "containers", "docker")
                    .map(name -> Path.of("/etc", name, "certs.d"))
                    .toList(),
                Path.of("/etc/containers/registries.conf"),
                Path.of("/etc/containers/registries.conf.d"),
                Path.of("/var/cache/containers/short-name-aliases.conf"),
                null,
                new CredentialSources(
                    Stream.of(
                            "/run/containers/0/auth.json",
                            "/root/.config/containers/auth.json",
                            "/root/.docker/config.json",
                            "/root/.dockercfg")
                        .map(Path::of)
                        .toList(),
                    Stream.of(
                            "/usr/local/sbin",
                            "/usr/local/bin",
                            "/usr/sbin",
                            "/usr/bin",
                            "/sbin",
                            "/bin")
                        .map(Path::of)
                        .toList(),
                    Path.of("/etc/crij/auth"),
                    Map.of()),
                ProxySettings.NONE));
    assertThat(config.imageStore()).isEqualTo(config.root());
    assertThat(config.images().store().additional()).isEmpty();
    assertThat(config.images().store().pinned()).containsExactly("registry.k8s.io/pause:3.10.1");
    assertThat(config.images().store().partialPullAge()).isEqualTo(Duration.ofHours(24));
    assertThat(config.images().pulls()).isEqualTo(new PullLimits(Duration.ofMinutes(5), 12, 4));
  }

  @Test
  void anImageStoreOfALowerLayerIsNotThatOfAnotherRoot() throws IOException {
    write("[crij]\nimagestore = '/images'\n");
    assertThat(load().imageStore()).hasToString("/images");
    assertThat(load(Map.of(), "--root", "/flag").imageStore()).hasToString("/flag");
    assertThat(load(Map.of(), "--root", "/flag", "--imagestore", "/own").imageStore())
        .hasToString("/own");
  }

  @Test
  void everyKeyOfTheFileReachesItsSetting() throws IOException {
    write(
        """
        [crij]
        root = "/data/lib"
        runroot = "/data/run"
        imagestore = "/data/images"
        additional_image_stores = ["/mnt/a", "/mnt/b/"]
        [crij.api]
        listen = "unix:///data/cri.sock"
        [crij.runtime]
        log_level = "debug"
        default_runtime = "kata"
        cgroup_manager = "systemd"
        shm_size = 16777216
        log_size_max = 1048576
        log_flood_policy = "drop"
        log_rate_max = 65536
        log_to_journald = true
        [crij.runtime.runtimes.kata]
        runtime_path = "/opt/kata/bin/kata-runtime"
        [crij.image]
        pinned_images = ["a.io/b*", "*c*"]
        pause_image = ""
        pause_command = ""
        partial_pull_age = "1h30m"
        pull_progress_timeout = "90s"
        max_concurrent_downloads = 64
        max_concurrent_unpacks = 1
        [crij.network]
        network_dir = "/data/net.d"
        plugin_dirs = ["/data/cni"]
        conf_template = "/data/net.template"
        """);

    ServerConfig config = load();

    assertThat(config.root()).hasToString("/data/lib");
    assertThat(config.runroot()).hasToString("/data/run");
    assertThat(config.listen()).hasToString("/data/cri.sock");
    assertThat(config.log().level()).isEqualTo(LogLevel.DEBUG);
    assertThat(config.runtime().defaultRuntime()).isEqualTo("kata");
    assertThat(config.runtime().cgroupManager()).isEqualTo(CgroupManager.SYSTEMD);
    assertThat(config.runtime().shmBytes()).isEqualTo(16 << 20);
    assertThat(config.runtime().containerLogs())
        .isEqualTo(new ContainerLogs(1 << 20, ContainerLogs.FloodPolicy.DROP, 1 << 16, true));
    assertThat(config.runtime().runtimes())
        .containsEntry("kata", new Handler(Path.of("/opt/kata/bin/kata-runtime")));
    assertThat(config.imageStore()).hasToString("/data/images");
    assertThat(config.images().store().additional())
        .containsExactly(Path.of("/mnt/a"), Path.of("/mnt/b"));
    assertThat(config.images().store().pinned()).containsExactly("a.io/b*", "*c*");
    assertThat(config.images().store().partialPullAge()).isEqualTo(Duration.ofMinutes(90));
    assertThat(config.images().pulls()).isEqualTo(new PullLimits(Duration.ofSeconds(90), 64, 1));
    assertThat(config.runtime().network().networkDir()).hasToString("/data/net.d");
    assertThat(config.runtime().network().pluginDirs()).containsExactly(Path.of("/data/cni"));
    assertThat(config.runtime().network().confTemplate()).hasToString("/data/net.template");
  }

  @Test
  void aHigherLayerWins() throws IOException {
    write("[crij]\nroot = '/file'\nrunroot = '/file/run'\n[crij.runtime]\nlog_level = 'error'\n");
    dropIn("20.toml", "[crij]\nroot = '/second'\n");
    dropIn("10.toml", "[crij]\nroot = '/first'\n[crij.runtime]\nlog_level = 'warn'\n");
    dropIn("ignored.conf", "nonsense");

    assertThat(load().root()).hasToString("/second");
    assertThat(load().log().level()).isEqualTo(LogLevel.WARN);
    assertThat(load(Map.of("CRIJ_ROOT", "/env")).root()).hasToString("/env");
    assertThat(load(Map.of("CRIJ_ROOT", "/env"), "--root", "/flag").root()).hasToString("/flag");
    assertThat(load().runroot()).hasToString("/file/run");
  }

  @Test
  void flagsAndVariablesReachTheirSettings() {
    ServerConfig flags =
        load(
            Map.of(),
            "--root=/f/lib",
            "--runroot",
            "/f/run",
            "--listen",
            "unix:///f/c.sock",
            "--log-level",
            "trace");
    ServerConfig variables =
        load(
            Map.of(
                "CRIJ_ROOT", "/f/lib",
                "CRIJ_RUNROOT", "/f/run",
                "CRIJ_LISTEN", "unix:///f/c.sock",
                "CRIJ_LOG_LEVEL", "trace"));

    assertThat(flags).isEqualTo(variables);
    assertThat(flags.root()).hasToString("/f/lib");
    assertThat(flags.runroot()).hasToString("/f/run");
    assertThat(flags.listen()).hasToString("/f/c.sock");
    assertThat(flags.log().level()).isEqualTo(LogLevel.TRACE);
  }

  @Test
  void theFileMayBeNamedByTheEnvironment() throws IOException {
    write("[crij]\nroot = '/named'\n");

    ServerConfig config =
        ServerConfig.load(
            (CommandLine.Run) CommandLine.parse(), Map.of("CRIJ_CONFIG", file.toString()), HOME);

    assertThat(config.root()).hasToString("/named");
  }

  @Test
  void anInstanceOfItsOwnHasSocketAndCgroupOfItsOwn() throws IOException {
    write("[crij.api]\nlisten = 'unix:///run/crij/crij.sock'\n");

    ServerConfig config = load(Map.of(), "--runroot", "/tmp/other");

    assertThat(config.listen()).hasToString("/tmp/other/crij.sock");
    assertThat(config.adminSocket()).hasToString("/tmp/other/admin.sock");
    // printf /tmp/other | sha256sum
    assertThat(config.runtime().cgroupParent()).isEqualTo("/crij-627258e9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[crij.metrics]#enable_metrics = 'yes' | :2: crij.metrics.enable_metrics: expected a boolean, found a string",
        "[crij.metrics]#metrics_port = 65536 | :2: crij.metrics.metrics_port: 65536 is no port",
        "[crij.metrics]#metrics_host = 'here' | :2: crij.metrics.metrics_host: 'here' is no IP address",
        "[crij.metrics]#metrics_socket = 'm' | :2: crij.metrics.metrics_socket: not an absolute path: 'm'",
        "[crij.metrics]#metrics_key = '/k' | :2: crij.metrics.metrics_key: there is no crij.metrics.metrics_cert",
        "[crij.tracing]#tracing_endpoint = 'a b:1' | :2: crij.tracing.tracing_endpoint: 'a b:1' is not host:port",
        "[crij.tracing]#tracing_endpoint = 'u@h:1' | :2: crij.tracing.tracing_endpoint: 'u@h:1' is not host:port",
        "[crij.tracing]#tracing_sampling_rate_per_million = -1 | :2: crij.tracing.tracing_sampling_rate_per_million: -1 is not between 0 and 1000000",
        "[crij.runtime]#log_filter = '(' | :2: crij.runtime.log_filter: not a regular expression: Unclosed group",
        "[crij.metrics]#enable_metrics = true#metrics_port = 0 | :3: crij.metrics.metrics_port: 0, and there is no crij.metrics.metrics_socket either",
        "crij = 1                            | :1: crij: expected a table, found an integer",
        "[crio]                              | :1: crio: unknown key",
        "[crij]#rot = '/x'                   | :2: crij.rot: unknown key",
        "[crij]#root = 7                     | :2: crij.root: expected a string, found an integer",
        "[crij]#root = true                  | :2: crij.root: expected a string, found a boolean",
        "[crij]#root = 1.5                   | :2: crij.root: expected a string, found a float",
        "[crij]#root = 1979-05-27            | :2: crij.root: expected a string, found a date or time",
        "[crij]#root = 'x'                   | :2: crij.root: not an absolute path: 'x'",
        "[crij]#root = '/'                   | :2: crij.root: not an absolute path: '/'",
        "[crij.root]                         | :1: crij.root: expected a string, found a table",
        "[crij]##runroot = '/var/lib/crij'   | :3: crij.runroot: is the same directory as crij.root",
        "[crij.api]#listen = '/x'            | :2: crij.api.listen: not a unix:// URI: /x",
        "[crij.api]#listen = 'unix://x'      | :2: crij.api.listen: not an absolute path: 'x'",
        "[crij.api]#listen = 'unix:///run/crij/admin.sock' | :2: crij.api.listen: is the admin socket",
        "[crij.runtime]#log_level = 'loud'   | :2: crij.runtime.log_level: 'loud' is none of error, warn, info, debug, trace",
        "[crij.runtime]#log_size_max = 100 | :2: crij.runtime.log_size_max: 100 is neither -1 nor at least 8192",
        "[crij.runtime]#log_rate_max = '1m' | :2: crij.runtime.log_rate_max: expected an integer, found a string",
        "[crij.runtime]#cgroup_manager = 'openrc' | :2: crij.runtime.cgroup_manager: 'openrc' is none of cgroupfs, systemd",
        "[crij.runtime]#runtimes = []        | :2: crij.runtime.runtimes: expected a table, found an array",
        "[crij.runtime.runtimes.A]           | :1: crij.runtime.runtimes.A: 'A' is not a DNS label",
        "[crij.runtime.runtimes]#a = 'x'     | :2: crij.runtime.runtimes.a: expected a table, found a string",
        "[crij.runtime.runtimes.a]#b = 'x'   | :2: crij.runtime.runtimes.a.b: unknown key",
        "[crij.runtime.runtimes.a]#runtime_path = 'x' | :2: crij.runtime.runtimes.a.runtime_path: not an absolute path: 'x'",
        "[crij]#imagestore = 'x'             | :2: crij.imagestore: not an absolute path: 'x'",
        "[crij]#additional_image_stores = ['x'] | :2: crij.additional_image_stores: not an absolute path: 'x'",
        "[crij]#additional_image_stores = ['/var/lib/crij'] | :2: crij.additional_image_stores: '/var/lib/crij' is this node's own",
        "[crij]#additional_image_stores = ['/a', '/a/'] | :2: crij.additional_image_stores: '/a' twice",
        "[crij.image]#pinned_images = ['a*b'] | :2: crij.image.pinned_images: 'a*b' is neither a name, nor NAME*, nor *PART*",
        "[crij.image]#pinned_images = ['*b']  | :2: crij.image.pinned_images: '*b' is neither a name, nor NAME*, nor *PART*",
        "[crij.image]#partial_pull_age = '1d' | :2: crij.image.partial_pull_age: '1d' is no length of time such as 90s, 15m or 1h30m",
        "[crij.image]#max_concurrent_downloads = 0 | :2: crij.image.max_concurrent_downloads: 0 is not between 1 and 64",
        "[crij.image]#max_concurrent_unpacks = 65 | :2: crij.image.max_concurrent_unpacks: 65 is not between 1 and 64",
        "[crij.network]#plugin_dirs = 'x'    | :2: crij.network.plugin_dirs: expected an array of strings, found a string",
        "[crij.network]#plugin_dirs = [1]    | :2: crij.network.plugin_dirs: expected an array of strings, found an array",
        "[crij.network]#plugin_dirs = []     | :2: crij.network.plugin_dirs: empty",
        "[crij.runtime]#shm_size = 4096      | :2: crij.runtime.shm_size: 4096 is not at least 1048576",
        "[crij.network]#conf_template = 'x'  | :2: crij.network.conf_template: not an absolute path: 'x'",
        "[crij.network]#plugin_dirs = ['x']  | :2: crij.network.plugin_dirs: not an absolute path: 'x'",
      })
  void aMistakeIsNamedByFileLineKeyAndReason(String content, String message) throws IOException {
    write(content.replace('#', '\n'));

    assertWrong(message);
  }

  @Test
  void aSyntaxErrorIsNamedByFileAndLine() throws IOException {
    write("[crij]\nroot = \n");

    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ":2: ")
        .message()
        .hasLineCount(1);
  }

  @Test
  void mistakesOutsideOfFilesNameTheirOrigin() {
    assertThatThrownBy(() -> load(Map.of("CRIJ_LOG_LEVEL", "x")))
        .hasMessageStartingWith("environment CRIJ_LOG_LEVEL: crij.runtime.log_level: 'x' is none");
    assertThatThrownBy(() -> load(Map.of(), "--root", "x"))
        .hasMessage("flag --root: crij.root: not an absolute path: 'x'");
    assertThatThrownBy(() -> load(Map.of(), "--runroot", "/" + "x".repeat(100)))
        .hasMessage("flag --runroot: crij.runroot: longer than 80 bytes");
    assertThatThrownBy(() -> load(Map.of(), "--listen", "unix:///" + "x".repeat(100)))
        .hasMessage("flag --listen: crij.api.listen: path longer than 100 bytes");
  }

  @Test
  void aNamedFileMustExist() {
    Path absent = folder.resolve("absent.toml");
    CommandLine.Run run = (CommandLine.Run) CommandLine.parse("--config", absent.toString());

    assertThatThrownBy(() -> ServerConfig.load(run, Map.of(), HOME))
        .isInstanceOf(ConfigException.class)
        .hasMessage(absent + ": no such file");
  }

  private ServerConfig load() {
    return load(Map.of());
  }

  private ServerConfig load(Map<String, String> environment, String... flags) {
    List<String> args = new ArrayList<>(List.of("--config", file.toString()));
    args.addAll(List.of(flags));
    CommandLine.Run run = (CommandLine.Run) CommandLine.parse(args.toArray(String[]::new));
    return ServerConfig.load(run, environment, HOME);
  }

  private void assertWrong(String message) {
    assertThatThrownBy(this::load).isInstanceOf(ConfigException.class).hasMessage(file + message);
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
  }

  private void dropIn(String name, String content) throws IOException {
    Path dropIns = Files.createDirectories(folder.resolve("crij.toml.d"));
    Files.writeString(dropIns.resolve(name), content);
  }
}
