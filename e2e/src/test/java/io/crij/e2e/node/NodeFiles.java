package io.crij.e2e.node;

import io.crij.e2e.registry.Registry;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The configuration of a private instance: its folders, its own network, and a registry for its
 * images.
 *
 * @param config for crijd's {@code --config}
 */
public record NodeFiles(PrivateRoot home, Path config, PrivateNetwork network)
    implements AutoCloseable {
  /**
   * Writes them.
   *
   * @param more tables of the configuration that the others do not have
   */
  public static NodeFiles create(PrivateRoot home, Registry registry, String more)
      throws IOException {
    PrivateNetwork network = PrivateNetwork.create(home);
    Path mirrors = Files.createDirectories(home.resolve("certs.d"));
    registry.writeMirrors(mirrors);
    Path config =
        Files.writeString(
            home.resolve("crij.toml"),
            """
            [crij]
            root = "%s"
            runroot = "%s"
            [crij.image]
            registry_hosts_dir = "%s"
            pause_image = "registry.k8s.io/pause:3.9"
            [crij.network]
            network_dir = "%s"
            %s
            """
                .formatted(home.root(), home.runroot(), mirrors, network.configuration(), more));
    return new NodeFiles(home, config, network);
  }

  /** Removes the network's bridge. */
  @Override
  public void close() {
    network.removeBridge();
  }
}
