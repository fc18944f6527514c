package io.crij.image.registry.hosts;

import io.crij.image.ImageException;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.tls.TlsSettings;
import io.crij.image.registry.tls.TlsSettings.ClientPair;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders of registries, e.g. {@code /etc/crij/certs.d}. Read anew each time they are asked, so
 * a change applies to the next pull.
 *
 * <p>For the registry {@code host:port} the first of the folders {@code host_port_} and {@code
 * host:port} that exists in any of them counts, then the first {@code _default}. Without a {@code
 * hosts.toml} in it, its certificates are taken in Docker's form: {@code *.crt} are authorities,
 * {@code x.cert} and {@code x.key} a client's pair. Without any folder the registry itself is
 * asked, by https.
 */
public final class HostsDirectory {
  private static final String DEFAULT_FOLDER = "_default";
  private static final String HOSTS_FILE = "hosts.toml";
  private static final String DOCKER_HUB_HOST = "registry-1.docker.io";

  private final List<Path> folders;

  /**
   * @param folders in the order they are searched; they need not exist
   */
  public HostsDirectory(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /**
   * The hosts that serve this registry, in the order they are to be asked; the registry itself is
   * the last.
   *
   * @param domain as in {@link ImageReference#domain}
   * @param insecure whether the registry itself may be asked without TLS, or with a certificate of
   *     unknown origin; a {@code hosts.toml} says that itself
   * @throws ImageException.FailedPrecondition naming the file and line that is malformed
   */
  public List<RegistryHost> hosts(String domain, boolean insecure) {
    URI server =
        URI.create(
            "https://"
                + (domain.equals(ImageReference.DOCKER_HUB) ? DOCKER_HUB_HOST : domain)
                + "/v2");
    Path found = find(domain);
    if (found == null) {
      return List.of(server(server, TlsSettings.DEFAULT, insecure));
    }
    try {
      return HostsFile.read(found.resolve(HOSTS_FILE), server);
    } catch (NoSuchFileException e) {
      return List.of(server(server, dockerCertificates(found), insecure));
    }
  }

  private @Nullable Path find(String domain) {
    for (Set<String> names : List.of(folderNames(domain), Set.of(DEFAULT_FOLDER))) {
      for (Path folder : folders) {
        for (String name : names) {
          Path candidate = folder.resolve(name);
          if (Files.isDirectory(candidate)) {
            return candidate;
          }
        }
      }
    }
    return null;
  }

  private static Set<String> folderNames(String domain) {
    Set<String> names = new LinkedHashSet<>();
    int colon = domain.lastIndexOf(':');
    if (colon > domain.lastIndexOf(']')) {
      names.add(domain.substring(0, colon) + "_" + domain.substring(colon + 1) + "_");
    }
    names.add(domain);
    return names;
  }

  private static RegistryHost server(URI base, TlsSettings tls, boolean insecure) {
    return new RegistryHost(
        base,
        true,
        EnumSet.allOf(Capability.class),
        insecure ? tls.withoutVerification() : tls,
        Map.of(),
        RegistryHost.CONNECT_TIMEOUT,
        insecure);
  }

  private static TlsSettings dockerCertificates(Path folder) {
    List<Path> authorities = new ArrayList<>();
    List<ClientPair> clients = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".crt")) {
          authorities.add(file);
        } else if (name.endsWith(".cert")) {
          clients.add(new ClientPair(file, file.resolveSibling(name.replaceAll("cert$", "key"))));
        }
      }
    } catch (IOException e) {
      throw new ImageException.FailedPrecondition("cannot read " + folder + ": " + e, e);
    }
    return new TlsSettings(authorities, clients, false);
  }
}
