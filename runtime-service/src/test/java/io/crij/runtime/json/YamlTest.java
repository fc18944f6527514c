package io.crij.runtime.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {
  /** The form of files that nvidia-ctk writes. */
  @Test
  void aFileIsUnderstoodAsTheSameInJson() throws Exception {
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
              args:
                - --folder
                - '/usr/lib/it''s'
          mounts: []
        devices:
        - containerEdits:
            deviceNodes:
            - path: /dev/nvidia0
              major: 195
          name: "0"
        -
          name: all
          containerEdits: {}
        """;

    assertThat(Yaml.parse("f", yaml))
        .hasToString(
            "{\"cdiVersion\":\"0.5.0\",\"kind\":\"nvidia.com/gpu\",\"containerEdits\":"
                + "{\"env\":[\"NVIDIA_VISIBLE_DEVICES=void\",\"QUOTED=a: b # c\\n\"],\"hooks\":"
                + "[{\"hookName\":\"createContainer\",\"args\":[\"--folder\","
                + "\"/usr/lib/it's\"]}],\"mounts\":[]},"
                + "\"devices\":[{\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/nvidia0\","
                + "\"major\":195}]},\"name\":\"0\"},"
                + "{\"name\":\"all\",\"containerEdits\":{}}]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: [b       | f:1: not YAML: ",
        "a: b~   c: d | f:2: not YAML: ",
        "a: b~a: c   | f:2: not YAML: ",
        "a: !x b     | f:1: not YAML: ",
        "a: &x {b: c}~d: *x | f: not YAML: ",
        "a: b~---~c: d | f:2: not YAML: ",
      })
  void theRestIsRefused(String yaml, String message) {
    assertThatThrownBy(() -> Yaml.parse("f", yaml.replace('~', '\n')))
        .isInstanceOf(BadFileException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aFileThatSaysNothingIsNoObject() throws Exception {
    assertThat(Yaml.parse("f", "# nothing\n").isNull()).isTrue();
  }
}
