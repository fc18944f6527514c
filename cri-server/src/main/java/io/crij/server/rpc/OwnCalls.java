package io.crij.server.rpc;

import io.grpc.Metadata;

/** Calls that crijd makes of itself, to be warm: nobody wants them measured. */
public final class OwnCalls {
  /** The header that tells them; its value is of no matter. */
  public static final String HEADER = "crij-own-call";

  private static final Metadata.Key<String> KEY =
      Metadata.Key.of(HEADER, Metadata.ASCII_STRING_MARSHALLER);

  private OwnCalls() {}

  public static boolean isOwn(Metadata headers) {
    return headers.containsKey(KEY);
  }
}
