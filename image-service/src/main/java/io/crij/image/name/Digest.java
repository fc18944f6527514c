package io.crij.image.name;

import io.crij.image.ImageException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The digest of content (OCI image specification, descriptor.md, "Digests"): a registered algorithm
 * and lower-case hexadecimal digits of exactly its length.
 *
 * @param algorithm what the content was hashed with
 * @param hex the hash, in lower case
 */
public record Digest(Algorithm algorithm, String hex) {
  private static final int LONGEST = Algorithm.SHA512.label.length() + 1 + Algorithm.SHA512.digits;
  private static final Pattern HEX = Pattern.compile("[0-9a-f]++");

  public Digest {
    if (hex.length() != algorithm.digits || !HEX.matcher(hex).matches()) {
      throw malformed(algorithm.label + ":" + hex);
    }
  }

  /** The registered algorithms. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String label;
    private final String javaName;
    private final int digits;

    Algorithm(String label, String javaName, int digits) {
      this.label = label;
      this.javaName = javaName;
      this.digits = digits;
    }

    /** The name before the colon, e.g. {@code sha256}. */
    public String label() {
      return label;
    }

    /** The digest of these bytes. */
    public Digest of(byte[] bytes) {
      Hasher hasher = hasher();
      hasher.update(bytes, 0, bytes.length);
      return hasher.finish();
    }

    /** A new computation of this algorithm. */
    public Hasher hasher() {
      try {
        return new Hasher(this, MessageDigest.getInstance(javaName));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + javaName, e);
      }
    }
  }

  /** Computes a digest of content as it passes. */
  public static final class Hasher {
    private final Algorithm algorithm;
    private final MessageDigest state;

    private Hasher(Algorithm algorithm, MessageDigest state) {
      this.algorithm = algorithm;
      this.state = state;
    }

    public void update(byte[] bytes, int offset, int count) {
      state.update(bytes, offset, count);
    }

    /** Takes all that remains in the buffer. */
    public void update(ByteBuffer bytes) {
      state.update(bytes);
    }

    /** The digest of all that passed; the hasher then starts anew. */
    public Digest finish() {
      return new Digest(algorithm, HexFormat.of().formatHex(state.digest()));
    }
  }

  /**
   * Reads {@code algorithm:hex}.
   *
   * @throws ImageException.InvalidArgument if it is anything else
   */
  public static Digest parse(String text) {
    if (text.length() <= LONGEST) {
      for (Algorithm algorithm : Algorithm.values()) {
        if (text.startsWith(algorithm.label + ":")) {
          return new Digest(algorithm, text.substring(algorithm.label.length() + 1));
        }
      }
    }
    throw malformed(text);
  }

  /** The SHA-256 digest of these bytes. */
  public static Digest sha256(byte[] bytes) {
    return Algorithm.SHA256.of(bytes);
  }

  /** Whether these bytes are what this digest names. */
  public boolean matches(byte[] bytes) {
    return algorithm.of(bytes).equals(this);
  }

  /** A new computation with this digest's algorithm, to compare with it at the end. */
  public Hasher hasher() {
    return algorithm.hasher();
  }

  /** {@code algorithm:hex}. */
  @Override
  public String toString() {
    return algorithm.label + ":" + hex;
  }

  private static ImageException malformed(String text) {
    return new ImageException.InvalidArgument("malformed digest " + Quoted.of(text));
  }
}
