package io.crij.runtime.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the networks of a node counts. */
final class NetworkConfigsTest {
  @TempDir private Path folder;

  @BeforeEach
  void networks() throws IOException {
    write("10-first.conflist", "first");
    write("20-second.conflist", "second");
    Files.writeString(folder.resolve("00-broken.conflist"), "{");
  }

  private void write(String file, String network) throws IOException {
    Files.writeString(
        folder.resolve(file),
        """
        {"cniVersion": "1.0.0", "name": "%s", "plugins": [{"type": "bridge"}]}
        """
            .formatted(network));
  }

  private String current(String wanted) {
    return new NetworkConfigs(folder, wanted).current().name();
  }

  @Test
  void theFirstByNameCountsUnlessAnotherIsWanted() throws IOException {
    assertThat(current("")).isEqualTo("first");
    assertThat(current("second")).isEqualTo("second");

    write("05-second.conflist", "second");
    assertThat(current("")).isEqualTo("second");
  }

  @Test
  void whatIsWantedMayComeAndGo() throws IOException {
    NetworkConfigs configs = new NetworkConfigs(folder, "third");
    assertThatThrownBy(configs::current)
        .isInstanceOf(CniException.class)
        .hasMessageContaining("no network configuration of the network third in " + folder)
        .hasMessageContaining("00-broken.conflist");

    write("30-third.conflist", "third");
    assertThat(configs.current().name()).isEqualTo("third");

    Files.delete(folder.resolve("30-third.conflist"));
    assertThatThrownBy(configs::current).hasMessageContaining("third");
  }
}
