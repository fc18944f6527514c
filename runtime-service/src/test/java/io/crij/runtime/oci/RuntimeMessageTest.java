package io.crij.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.runtime.program.CommandLine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeMessageTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`time=\"2026\" level=error msg=\"exec: \\\"x\\\": not found\"`,`exec: \"x\": not found`",
        "`{\"level\":\"error\",\"msg\":\"no such file\",\"time\":\"2026\"}`,no such file",
        "hybrid mode not supported,hybrid mode not supported",
        "`first\nlast\n\n`,last",
        "`ERROR youki: no v1\n\nStack backtrace:\n   0: <unknown>`,ERROR youki: no v1",
        "``,ended with status 1 and wrote nothing"
      })
  void theLastMessageIsTheReason(String output, String reason) {
    assertThat(RuntimeMessage.of(new CommandLine.Result(1, output))).isEqualTo(reason);
  }
}
