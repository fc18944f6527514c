package io.crij.server.streaming.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.server.streaming.client.CommandStreams.StatusFormat;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Word for word what Kubernetes' own server sends. */
final class OutcomeTest {
  private static String json(Outcome outcome) {
    return new String(outcome.encode(StatusFormat.JSON), StandardCharsets.UTF_8);
  }

  private static String text(Outcome outcome) {
    return new String(outcome.encode(StatusFormat.TEXT), StandardCharsets.UTF_8);
  }

  @Test
  void aSuccessIsOneWordOrNothing() {
    assertThat(json(Outcome.ofExitCode(0))).isEqualTo("{\"status\":\"Success\"}");
    assertThat(text(Outcome.ofExitCode(0))).isEmpty();
  }

  @Test
  void anExitCodeIsACause() {
    assertThat(json(Outcome.ofExitCode(137)))
        .isEqualTo(
            "{\"status\":\"Failure\","
                + "\"message\":\"command terminated with non-zero exit code: exit status 137\","
                + "\"reason\":\"NonZeroExitCode\","
                + "\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"137\"}]}}");
    assertThat(text(Outcome.ofExitCode(3)))
        .isEqualTo("command terminated with non-zero exit code: exit status 3");
  }

  @Test
  void aFailureIsAnInternalError() {
    assertThat(json(new Outcome.Failure("no \"x\"")))
        .isEqualTo(
            "{\"status\":\"Failure\",\"message\":\"Internal error occurred: no \\\"x\\\"\","
                + "\"reason\":\"InternalError\",\"code\":500}");
  }
}
