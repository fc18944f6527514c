package io.crij.image.registry.session;

import io.crij.image.ImageException;
import io.crij.image.name.Quoted;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.StalledException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why one host did not serve what it was asked for. The message names no secret. */
public final class HostFailure extends Exception {
  private static final long serialVersionUID = 1;

  /** What it means for the pull if no other host serves it. */
  public enum Kind {
    NOT_FOUND,
    UNAUTHENTICATED,
    DENIED,
    UNAVAILABLE,
    /** The answer is not acceptable, now or later. */
    REFUSED
  }

  private static final int STALL = 2;
  private static final int FINAL = 1000;

  private final Kind kind;
  private final int cost;
  private final @Nullable Duration retryAfter;

  private HostFailure(Kind kind, String message, int cost, @Nullable Duration retryAfter) {
    super(message);
    this.kind = kind;
    this.cost = cost;
    this.retryAfter = retryAfter;
  }

  public static HostFailure lasting(Kind kind, String message) {
    return new HostFailure(kind, message, FINAL, null);
  }

  /** One that may have gone in a moment, or after the time the host asks for. */
  static HostFailure passing(String message, @Nullable Duration retryAfter) {
    return new HostFailure(Kind.UNAVAILABLE, message, 1, retryAfter);
  }

  /** What we found wrong with an answer. */
  static HostFailure of(ImageException.FailedPrecondition e) {
    return lasting(Kind.REFUSED, String.valueOf(e.getMessage()));
  }

  /**
   * What the network told. The exception itself is not kept: where a host speaks no proper HTTP,
   * the JDK's messages quote what it said, and that may be what it was sent.
   */
  public static HostFailure of(IOException e) {
    return switch (e) {
      case RefusedException refused -> lasting(Kind.REFUSED, text(refused));
      case StalledException stalled ->
          new HostFailure(Kind.UNAVAILABLE, "stalled: " + text(stalled), STALL, null);
      case HttpConnectTimeoutException _ -> lasting(Kind.UNAVAILABLE, "connection timed out");
      case SSLException tls -> lasting(Kind.UNAVAILABLE, "TLS: " + text(tls));
      case UnknownHostException unknown ->
          lasting(Kind.UNAVAILABLE, "host name cannot be resolved: " + text(unknown));
      case ConnectException connect when hasCause(connect, UnresolvedAddressException.class) ->
          lasting(Kind.UNAVAILABLE, "host name cannot be resolved");
      case ProtocolException _ -> passing("malformed HTTP", null);
      case IOException io when hasCause(io, IllegalArgumentException.class) ->
          passing("malformed HTTP", null);
      case ConnectException connect ->
          passing(connect.getMessage() == null ? "connection refused" : text(connect), null);
      default -> passing("connection broken: " + text(e), null);
    };
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static String text(Throwable e) {
    Throwable root = e;
    while (root.getMessage() == null && root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    String quoted = Quoted.of(message == null ? root.getClass().getSimpleName() : message);
    return quoted.substring(1, quoted.length() - 1);
  }

  Kind kind() {
    return kind;
  }

  /** Whether it may have gone in a moment. */
  boolean isPassing() {
    return cost != FINAL;
  }

  /**
   * How much of the patience with a host it takes, in attempts. A long silence takes more than a
   * quick refusal.
   */
  public int cost() {
    return cost;
  }

  /** How long the host asks to be left alone; null if it does not say. */
  @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** The failure of the whole, with a message that covers all hosts. */
  public ImageException toImageException(String message) {
    return switch (kind) {
      case NOT_FOUND -> new ImageException.NotFound(message, this);
      case UNAUTHENTICATED -> new ImageException.Unauthenticated(message, this);
      case DENIED -> new ImageException.PermissionDenied(message, this);
      // The kubelet knows this prefix (k8s.io/cri-api/pkg/errors).
      case UNAVAILABLE -> new ImageException.Unavailable("RegistryUnavailable: " + message, this);
      case REFUSED -> new ImageException.FailedPrecondition(message, this);
    };
  }
}
