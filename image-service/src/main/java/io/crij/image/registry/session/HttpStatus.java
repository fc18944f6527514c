package io.crij.image.registry.session;

import io.crij.image.ImageException;
import io.crij.image.manifest.JsonObject;
import io.crij.image.registry.session.HostFailure.Kind;
import io.crij.image.registry.transport.Reply;
import io.crij.image.registry.transport.SafeUrl;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides what the status of an answer means. */
public final class HttpStatus {
  public static final int OK = 200;
  static final int PARTIAL_CONTENT = 206;
  static final int UNAUTHORIZED = 401;

  private static final int LONGEST_ERROR = 64 << 10;
  private static final Pattern ERROR_CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

  private HttpStatus() {}

  public static boolean isSuccess(int status) {
    return status == OK || status == PARTIAL_CONTENT;
  }

  /** What went wrong, of an answer that is no success; its body is used up. */
  public static HostFailure failure(Reply reply) {
    try (reply) {
      String message = message(reply);
      return switch (reply.status()) {
        case UNAUTHORIZED -> HostFailure.lasting(Kind.UNAUTHENTICATED, message);
        case 403 -> HostFailure.lasting(Kind.DENIED, message);
        case 404 -> HostFailure.lasting(Kind.NOT_FOUND, message);
        case 408, 425, 429, 500, 502, 503, 504 -> HostFailure.passing(message, retryAfter(reply));
        default ->
            HostFailure.lasting(reply.status() >= 500 ? Kind.UNAVAILABLE : Kind.REFUSED, message);
      };
    }
  }

  /**
   * The status and the registry's error code. Its free text is left out: it may repeat what it was
   * sent.
   */
  private static String message(Reply reply) {
    String where = reply.redirected() ? " from " + SafeUrl.of(reply.uri()) : "";
    String code = errorCode(reply);
    return "status " + reply.status() + (code == null ? "" : " " + code) + where;
  }

  /** The first code of the error document (distribution specification, "Error Codes"). */
  private static @Nullable String errorCode(Reply reply) {
    try {
      JsonObject document = JsonObject.parse(reply.bytes(LONGEST_ERROR), "error");
      List<JsonObject> errors = document.has("errors") ? document.objects("errors") : List.of();
      String code = errors.isEmpty() ? null : errors.getFirst().optionalText("code");
      return code != null && ERROR_CODE.matcher(code).matches() ? code : null;
    } catch (IOException | ImageException e) {
      return null; // an error without a readable document is an error all the same
    }
  }

  /** RFC 9110, section 10.2.3: seconds, or a date. */
  private static @Nullable Duration retryAfter(Reply reply) {
    String text = reply.headers().firstValue("retry-after").orElse("").strip();
    try {
      if (text.matches("[0-9]{1,18}")) {
        long seconds = Long.parseLong(text);
        return Duration.ofSeconds(Math.min(seconds, LONGEST_RETRY_AFTER.toSeconds()));
      }
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), date);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
