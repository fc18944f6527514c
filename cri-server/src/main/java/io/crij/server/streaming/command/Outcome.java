package io.crij.server.streaming.command;

import io.crij.server.streaming.client.CommandStreams.StatusFormat;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** How a client's command, or its attachment, ended. */
sealed interface Outcome {
  /** With exit code 0, or without one. */
  record Success() implements Outcome {}

  /**
   * The command ended.
   *
   * @param code not 0; 128 + signal when it was killed
   */
  record ExitCode(int code) implements Outcome {}

  /** It could not begin, or be seen to its end. */
  record Failure(String reason) implements Outcome {}

  JsonMapper MAPPER = new JsonMapper();
  int INTERNAL_ERROR = 500;

  static Outcome ofExitCode(int code) {
    return code == 0 ? new Success() : new ExitCode(code);
  }

  /** What the client is sent, word for word as by Kubernetes' own server; empty: nothing. */
  default byte[] encode(StatusFormat format) {
    return switch (format) {
      case JSON -> MAPPER.writeValueAsBytes(status());
      case TEXT -> {
        String message = status().path("message").asString("");
        yield message.getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  /** {@code metav1.Status}. */
  private ObjectNode status() {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    switch (this) {
      case Success _ -> status.put("status", "Success");
      case ExitCode(int code) -> {
        status
            .put("status", "Failure")
            .put("message", "command terminated with non-zero exit code: exit status " + code)
            .put("reason", "NonZeroExitCode");
        status
            .putObject("details")
            .putArray("causes")
            .addObject()
            .put("reason", "ExitCode")
            .put("message", Integer.toString(code));
      }
      case Failure(String reason) ->
          status
              .put("status", "Failure")
              .put("message", "Internal error occurred: " + reason)
              .put("reason", "InternalError")
              .put("code", INTERNAL_ERROR);
    }
    return status;
  }
}
