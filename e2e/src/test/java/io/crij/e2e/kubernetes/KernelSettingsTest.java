package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import org.junit.jupiter.api.Test;

/** What is put back must be what was there, to the last digit. */
final class KernelSettingsTest {
  @Test
  void valuesAreReadWhole() throws Exception {
    assertThat(KernelSettings.read().values())
        .isNotEmpty()
        .allSatisfy((file, value) ->
            assertThat(value).isEqualTo(Command.of("cat", file.toString()).run().output()));
  }
}
