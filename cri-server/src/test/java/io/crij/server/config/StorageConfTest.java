package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.server.config.given.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorageConfTest {
  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.createFile(folder.resolve("crij.toml"));
  }

  @Test
  void additionalStoresAreThoseOfOtherToolsWhereOursAreNotGiven() throws IOException {
    Path storage = folder.resolve("storage.conf");
    Map<String, String> named = Map.of("CONTAINERS_STORAGE_CONF", storage.toString());
    Files.writeString(
        storage,
        """
        [storage]
        driver = "overlay"
        [storage.options]
        additionalimagestores = ["/mnt/a", "/mnt/b"]
        """);
    assertThat(load(named).images().store().additional())
        .containsExactly(Path.of("/mnt/a"), Path.of("/mnt/b"));
    Files.writeString(file, "[crij]\nadditional_image_stores = ['/mnt/c']\n");
    assertThat(load(named).images().store().additional()).containsExactly(Path.of("/mnt/c"));
    Files.writeString(file, "[crij]\nadditional_image_stores = []\n");
    assertThat(load(named).images().store().additional()).isEmpty();
    Files.writeString(file, "");
    for (String wrong : List.of("['relative']", "'/mnt/a'", "[1]", "[")) {
      Files.writeString(storage, "[storage.options]\nadditionalimagestores = " + wrong + "\n");
      assertThatThrownBy(() -> load(named))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith(storage.toString());
    }
    Files.delete(storage);
    assertThat(load(named).images().store().additional()).isEmpty();
  }

  private ServerConfig load(Map<String, String> environment) {
    return ServerConfig.load(
        new CommandLine.Run(file, Map.of()), environment, Path.of("/opt/crij"));
  }
}
