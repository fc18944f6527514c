package io.crij.e2e.image;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Bytes of a media type, as an OCI descriptor names them. */
public final class Blob {
  private final String mediaType;
  private final byte[] bytes;
  private final String digest;

  Blob(String mediaType, byte[] bytes) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.digest = digest(bytes);
  }

  public String mediaType() {
    return mediaType;
  }

  /** {@code sha256:} and 64 hex digits. */
  public String digest() {
    return digest;
  }

  public InputStream open() {
    return new ByteArrayInputStream(bytes);
  }

  Map<String, Object> descriptor() {
    return Map.of("mediaType", mediaType, "digest", digest, "size", bytes.length);
  }

  static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
