package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.RegistryConfig;
import io.crij.image.RegistryConfig.CredentialSources;
import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.image.RegistryConfig.ShortNameMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings of registries, from the file and the environment. */
final class RegistriesConfigTest {
  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.createFile(folder.resolve("crij.toml"));
  }

  @Test
  void everyKeyOfRegistriesReachesItsSetting() throws IOException {
    write(
        """
        [crij.image]
        registry_hosts_dir = "/data/certs.d:/data/more"
        registries_conf = "/data/registries.conf"
        registries_conf_dir = "/data/registries.conf.d"
        global_auth_file = "/data/config.json"
        pause_image = "registry.k8s.io/pause:1"
        pause_image_auth_file = "/data/pause.json"
        namespaced_auth_dir = "/data/auth"
        credential_helper_dirs = ["/data/bin"]
        short_name_mode = "disabled"
        http_proxy = "proxy.example:3128"
        https_proxy = "http://u:p@proxy.example:3129"
        no_proxy = "10.0.0.0/8,.svc"
        """);
    RegistryConfig registries = load().images().registries();
    assertThat(registries.hostsDirs())
        .containsExactly(Path.of("/data/certs.d"), Path.of("/data/more"));
    assertThat(registries.registriesConf()).hasToString("/data/registries.conf");
    assertThat(registries.registriesConfDir()).hasToString("/data/registries.conf.d");
    assertThat(registries.credentials())
        .isEqualTo(
            new CredentialSources(
                List.of(Path.of("/data/config.json")),
                List.of(Path.of("/data/bin")),
                Path.of("/data/auth"),
                Map.of("registry.k8s.io/pause:1", Path.of("/data/pause.json"))));
    assertThat(registries.shortNameMode()).isEqualTo(ShortNameMode.DISABLED);
    assertThat(registries.proxies())
        .isEqualTo(
            new ProxySettings(
                "proxy.example:3128", "http://u:p@proxy.example:3129", "10.0.0.0/8,.svc"));
  }

  @Test
  void authFilesFollowTheEnvironment() {
    Map<String, String> environment =
        Map.of(
            "HOME", "/home/x",
            "XDG_RUNTIME_DIR", "/run/user/0",
            "XDG_CONFIG_HOME", "/cfg",
            "DOCKER_CONFIG", "/dkr");
    assertThat(load(environment).images().registries().credentials().authFiles())
        .containsExactly(
            Path.of("/run/user/0/containers/auth.json"),
            Path.of("/cfg/containers/auth.json"),
            Path.of("/dkr/config.json"),
            Path.of("/home/x/.dockercfg"));
  }

  @Test
  void proxiesAreReadFromTheEnvironmentInBothCases() {
    ProxySettings proxies =
        load(Map.of(
                "HTTP_PROXY", "upper",
                "http_proxy", "lower",
                "HTTPS_PROXY", "",
                "https_proxy", "lower",
                "no_proxy", "*"))
            .images()
            .registries()
            .proxies();
    assertThat(proxies).isEqualTo(new ProxySettings("upper", "lower", "*"));
  }

  private ServerConfig load() {
    return load(Map.of());
  }

  private ServerConfig load(Map<String, String> environment) {
    CommandLine.Run run =
        (CommandLine.Run) CommandLine.parse(new String[] {"--config", file.toString()});
    return ServerConfig.load(run, environment, Path.of("/opt/crij"));
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
  }
}
