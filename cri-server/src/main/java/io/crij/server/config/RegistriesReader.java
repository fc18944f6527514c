package io.crij.server.config;

import io.crij.image.RegistryConfig;
import io.crij.image.RegistryConfig.CredentialSources;
import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.image.RegistryConfig.ShortNameMode;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns what was given about registries into their configuration. */
final class RegistriesReader {
  private static final Path RECORDED_ALIASES =
      Path.of("/var/cache/containers/short-name-aliases.conf");

  private final Given given;
  private final Map<String, String> environment;

  RegistriesReader(Given given, Map<String, String> environment) {
    this.given = given;
    this.environment = environment;
  }

  RegistryConfig read() {
    return new RegistryConfig(
        hostsDirs(),
        given.path(Key.REGISTRIES_CONF),
        given.path(Key.REGISTRIES_CONF_DIR),
        RECORDED_ALIASES,
        shortNameMode(),
        new CredentialSources(
            authFiles(),
            given.paths(Key.CREDENTIAL_HELPER_DIRS),
            given.optionalPath(Key.NAMESPACED_AUTH_DIR),
            ofImages()),
        new ProxySettings(text(Key.HTTP_PROXY), text(Key.HTTPS_PROXY), text(Key.NO_PROXY)));
  }

  private List<Path> hostsDirs() {
    Given.Value value = given.get(Key.REGISTRY_HOSTS_DIR);
    List<Path> folders = new ArrayList<>();
    for (String folder : value.string().split(":", -1)) {
      folders.add(AbsolutePath.of(value.origin(), Key.REGISTRY_HOSTS_DIR.path(), folder));
    }
    return folders;
  }

  /** The one that is configured, or those of root by containers-auth.json(5). */
  private List<Path> authFiles() {
    Path configured = given.optionalPath(Key.GLOBAL_AUTH_FILE);
    if (configured != null) {
      return List.of(configured);
    }
    Path home = folder("HOME", Path.of("/root"));
    return List.of(
        folder("XDG_RUNTIME_DIR", Path.of("/run")).resolve(runtimeAuthFile()),
        folder("XDG_CONFIG_HOME", home.resolve(".config")).resolve("containers/auth.json"),
        folder("DOCKER_CONFIG", home.resolve(".docker")).resolve("config.json"),
        home.resolve(".dockercfg"));
  }

  private Map<String, Path> ofImages() {
    Path file = given.optionalPath(Key.PAUSE_IMAGE_AUTH_FILE);
    String pause = new ImageStoreReader(given).pauseImage();
    return file == null || pause.isEmpty() ? Map.of() : Map.of(pause, file);
  }

  private String runtimeAuthFile() {
    return environment.containsKey("XDG_RUNTIME_DIR")
        ? "containers/auth.json"
        : "containers/0/auth.json";
  }

  private Path folder(String variable, Path fallback) {
    String folder = environment.getOrDefault(variable, "");
    return folder.startsWith("/") ? Path.of(folder) : fallback;
  }

  private String text(Key key) {
    return given.get(key).string();
  }

  private @Nullable ShortNameMode shortNameMode() {
    return text(Key.SHORT_NAME_MODE).isEmpty()
        ? null
        : given.choice(Key.SHORT_NAME_MODE, ShortNameMode.values());
  }
}
