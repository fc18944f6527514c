package io.crij.e2e.node;

import io.crij.e2e.program.Command;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A CNI network for one test: its own bridge, addresses and reservations.
 *
 * @param bridge also the network's name, so that firewall rules can be told by it
 * @param reservations host-local's files, one for each address in use
 */
public record PrivateNetwork(Path configuration, String bridge, Path reservations) {
  static PrivateNetwork create(PrivateRoot home) throws IOException {
    String name = home.networkName();
    int hash = Integer.parseUnsignedInt(name.substring(2), 16);
    String subnet = "10.%d.%d.0/24".formatted(192 + (hash >>> 8 & 0x1F), hash & 0xFF);
    Path folder = Files.createDirectories(home.resolve("net.d"));
    Path reservations = home.resolve("addresses");
    Files.writeString(
        folder.resolve("10-test.conflist"),
        """
        {
          "cniVersion": "1.0.0",
          "name": "%1$s",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "%1$s",
              "isGateway": true,
              "ipMasq": true,
              "hairpinMode": true,
              "ipam": {
                "type": "host-local",
                "dataDir": "%2$s",
                "ranges": [[{"subnet": "%3$s"}]],
                "routes": [{"dst": "0.0.0.0/0"}]
              }
            },
            {"type": "portmap", "capabilities": {"portMappings": true}}
          ]
        }
        """
            .formatted(name, reservations, subnet));
    return new PrivateNetwork(folder, name, reservations);
  }

  /** Removes the bridge, which the plugin makes for the first pod and leaves for the next. */
  void removeBridge() {
    if (Files.exists(Path.of("/sys/class/net", bridge))) {
      Command.of("ip", "link", "delete", bridge).run();
    }
  }
}
