package io.crij.monitor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RuntimeLogTest {
  @TempDir Path folder;

  @Test
  void givesTheErrorsInTheRuntimesWords() throws Exception {
    Path log = folder.resolve("log");
    Files.writeString(
        log,
        """
        {"level":"warning","msg":"unable to get oom kill count","time":"2026-01-01T00:00:00Z"}
        {"level":"error","msg":"exec: \\"no\\\\such\\": not found\\u00e9\\n","time":"x"}
        {"msg":"second", "level" : "error"}
        not json
        {"level":"error","msg":"cut
        """);
    assertThat(RuntimeLog.errors(log)).isEqualTo("exec: \"no\\such\": not foundé\n; second; cut");
  }

  @Test
  void aMissingLogHasNoErrors() {
    assertThat(RuntimeLog.errors(folder.resolve("none"))).isEmpty();
  }

  @Test
  void neverTakesAValueForAName() {
    assertThat(JsonText.field("{\"a\":\"msg\",\"b\":\"x\",\"msg\":\"right\"}", "msg"))
        .isEqualTo("right");
    assertThat(JsonText.field("{\"msg\":5}", "msg")).isEmpty();
    assertThat(JsonText.field("\"", "msg")).isEmpty();
    assertThat(JsonText.field("{\"msg\":\"\\", "msg")).isEqualTo("\\");
    assertThat(JsonText.field("{\"msg\":\"\\uzzzz\"}", "msg")).isEqualTo("\ufffd");
  }
}
