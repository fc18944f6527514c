package io.crij.runtime.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockYamlTest {
  /** The form of files that nvidia-ctk writes. */
  @Test
  void blocksAreUnderstood() throws Exception {
    String yaml =
        """
        ---
        cdiVersion: 0.5.0
        kind: nvidia.com/gpu   # the vendor's
        containerEdits:
          env:
          - NVIDIA_VISIBLE_DEVICES=void
          - "QUOTED=a: b # c\\n"
          hooks:
            - hookName: createContainer
              path: /usr/bin/nvidia-cdi-hook
              args:
                - nvidia-cdi-hook
                - --folder
                - '/usr/lib/it''s'
          mounts: []
        devices:
        - containerEdits:
            deviceNodes:
            - path: /dev/nvidia0
              major: 195
              on: true
          name: "0"
        -
          name: all
          containerEdits: {}
        """;

    assertThat(BlockYaml.parse("f", yaml))
        .hasToString(
            "{\"cdiVersion\":\"0.5.0\",\"kind\":\"nvidia.com/gpu\",\"containerEdits\":"
                + "{\"env\":[\"NVIDIA_VISIBLE_DEVICES=void\",\"QUOTED=a: b # c\\n\"],\"hooks\":"
                + "[{\"hookName\":\"createContainer\",\"path\":\"/usr/bin/nvidia-cdi-hook\","
                + "\"args\":[\"nvidia-cdi-hook\",\"--folder\",\"/usr/lib/it's\"]}],\"mounts\":[]},"
                + "\"devices\":[{\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidia0\","
                + "\"major\":195,\"on\":true}]},\"name\":\"0\"},"
                + "{\"name\":\"all\",\"containerEdits\":{}}]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: >~  text | f:1: not understood: >",
        "a: &x b     | f:1: not understood: &x b",
        "a: *x       | f:1: not understood: *x",
        "a: {b: c}   | f:1: not a value of one line: {b: c}",
        "a: b~   c: d | f:2: not indented as what is before",
        "a: b~c      | f:2: neither 'key: value' nor '- value' in one line",
        "a: 0666     | f:1: 0666: octal in YAML 1.1, decimal in 1.2",
        "a: b~a: c   | f:2: 'a' twice",
        "            | f: empty",
      })
  void theRestIsRefusedWithItsLine(String yaml, String message) {
    String text = yaml == null ? "" : yaml.replace('~', '\n');
    assertThatThrownBy(() -> BlockYaml.parse("f", text))
        .isInstanceOf(BadFileException.class)
        .hasMessage(message);
  }
}
