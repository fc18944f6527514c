package io.crij.image;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the settings of registries are. The files need not exist; they are read at each pull.
 *
 * @param hostsDirs folders of {@code <host>/hosts.toml} in containerd's format, or of certificates
 *     in Docker's
 * @param registriesConf containers-registries.conf(5)
 * @param registriesConfDir its drop-ins, {@code *.conf}
 * @param shortNameAliases aliases that other tools recorded
 * @param shortNameMode above that of registries.conf; null to leave it to that file
 * @param credentials who this node is to them
 * @param proxies by which registries are asked
 */
public record RegistryConfig(
    List<Path> hostsDirs,
    Path registriesConf,
    Path registriesConfDir,
    Path shortNameAliases,
    @Nullable ShortNameMode shortNameMode,
    CredentialSources credentials,
    ProxySettings proxies) {
  public RegistryConfig {
    hostsDirs = List.copyOf(hostsDirs);
  }

  /** What to do with a name without a registry that could be completed in several ways. */
  public enum ShortNameMode {
    /** Refuse it. */
    ENFORCING,
    /** Ask the person at the terminal; there is none here, so as {@link #DISABLED}. */
    PERMISSIVE,
    /** Try all in order. */
    DISABLED
  }

  /**
   * Where this node's own credentials are.
   *
   * @param authFiles containers-auth.json(5) or Docker's configuration, in the order they are
   *     searched
   * @param helperDirs of programs {@code docker-credential-*}
   * @param namespacedDir of files for one pull for a namespace each; null for none
   * @param ofImages files that are asked first, by the whole names of the images they are for
   */
  public record CredentialSources(
      List<Path> authFiles,
      List<Path> helperDirs,
      @Nullable Path namespacedDir,
      Map<String, Path> ofImages) {
    public CredentialSources {
      authFiles = List.copyOf(authFiles);
      helperDirs = List.copyOf(helperDirs);
      ofImages = Map.copyOf(ofImages);
    }

    /** The same for all namespaces and images. */
    public CredentialSources(List<Path> authFiles, List<Path> helperDirs) {
      this(authFiles, helperDirs, null, Map.of());
    }
  }

  /**
   * Proxies for URLs of http and https, and the hosts that are asked without one, each as in the
   * environment variable; empty for none.
   */
  public record ProxySettings(String http, String https, String noProxy) {
    public static final ProxySettings NONE = new ProxySettings("", "", "");

    /** Passwords stay out of it. */
    @Override
    public String toString() {
      return "ProxySettings[…]";
    }
  }

  /** Everything by its usual name in one folder. */
  public static RegistryConfig below(Path folder) {
    return new RegistryConfig(
        List.of(folder.resolve("certs.d")),
        folder.resolve("registries.conf"),
        folder.resolve("registries.conf.d"),
        folder.resolve("short-name-aliases.conf"),
        null,
        new CredentialSources(
            List.of(
                folder.resolve("auth.json"),
                folder.resolve("config.json"),
                folder.resolve(".dockercfg")),
            List.of(folder.resolve("bin"))),
        ProxySettings.NONE);
  }
}
