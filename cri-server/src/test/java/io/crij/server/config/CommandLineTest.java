package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Key;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CommandLineTest {
  @Test
  void readsFlagsInBothForms() {
    assertThat(CommandLine.parse("--config", "/c.toml", "--root=/a", "--log-level", "debug"))
        .isEqualTo(
            new CommandLine.Run(
                Path.of("/c.toml"), Map.of("--root", "/a", "--log-level", "debug")));
    assertThat(CommandLine.parse()).isEqualTo(new CommandLine.Run(null, Map.of()));
  }

  @Test
  void helpAndVersionGoFirst() {
    assertThat(CommandLine.parse("--root", "/a", "--help")).isEqualTo(new CommandLine.Help());
    assertThat(CommandLine.parse("--version")).isEqualTo(new CommandLine.Version());
  }

  @Test
  void aBadFlagIsNamed() {
    assertThatThrownBy(() -> CommandLine.parse("--rot", "/a"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("flag --rot: unknown, see crijd --help");
    assertThatThrownBy(() -> CommandLine.parse("serve"))
        .hasMessage("flag serve: unknown, see crijd --help");
    assertThatThrownBy(() -> CommandLine.parse("--root")).hasMessage("flag --root: value missing");
  }

  @Test
  void helpNamesEveryFlagAndVariable() {
    for (Key key : Key.values()) {
      if (key.flag() != null) {
        assertThat(CommandLine.HELP).contains(key.flag() + " ").contains(key.variable());
      }
    }
  }
}
