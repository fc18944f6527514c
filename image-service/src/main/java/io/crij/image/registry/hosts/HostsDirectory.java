package io.crij.image.registry.hosts;

import io.crij.image.ImageException;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.hosts.TlsSettings.ClientPair;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of registries, e.g. {@code /etc/crij/certs.d}. Read anew each time it is asked, so a
 * change applies to the next pull.
 *
 * <p>For the registry {@code host:port} the first of the folders {@code host_port_}, {@code
 * host:port} and {@code _default} that exists counts, as in containerd. Without a {@code
 * hosts.toml} in it, its certificates are taken in Docker's form: {@code *.crt} are authorities,
 * {@code x.cert} and {@code x.key} a client's pair. Without any folder the registry itself is
 * asked, by https.
 */
public final class HostsDirectory {
  private static final String DEFAULT_FOLDER = "_default";
  private static final String HOSTS_FILE = "hosts.toml";
  private static final String DOCKER_HUB_HOST = "registry-1.docker.io";

  private final Path folder;

  public HostsDirectory(Path folder) {
    this.folder = folder;
  }

  /**
   * The hosts that serve this registry, in the order they are to be asked; the registry itself is
   * the last.
   *
   * @param domain as in {@link ImageReference#domain}
   * @throws ImageException.FailedPrecondition naming the file and line that is malformed
   */
  public List<RegistryHost> hosts(String domain) {
    URI server =
        URI.create(
            "https://"
                + (domain.equals(ImageReference.DOCKER_HUB) ? DOCKER_HUB_HOST : domain)
                + "/v2");
    for (String name : folderNames(domain)) {
      Path candidate = folder.resolve(name);
      Path hostsFile = candidate.resolve(HOSTS_FILE);
      if (Files.exists(hostsFile)) {
        return HostsFile.read(hostsFile, server);
      }
      if (Files.isDirectory(candidate)) {
        return List.of(server(server, dockerCertificates(candidate)));
      }
    }
    return List.of(server(server, TlsSettings.DEFAULT));
  }

  private static Set<String> folderNames(String domain) {
    Set<String> names = new LinkedHashSet<>();
    int colon = domain.lastIndexOf(':');
    if (colon > domain.lastIndexOf(']')) {
      names.add(domain.substring(0, colon) + "_" + domain.substring(colon + 1) + "_");
    }
    names.add(domain);
    names.add(DEFAULT_FOLDER);
    return names;
  }

  private static RegistryHost server(URI base, TlsSettings tls) {
    return new RegistryHost(
        base, true, EnumSet.allOf(Capability.class), tls, Map.of(), RegistryHost.CONNECT_TIMEOUT);
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
