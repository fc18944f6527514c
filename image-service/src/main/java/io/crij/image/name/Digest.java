package io.crij.image.name;

import io.crij.image.ImageException;
import io.crij.linux.codec.NativeSha256;
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
      return new Digest(this, HexFormat.of().formatHex(jdk().digest(bytes)));
    }

    /** A new computation of this algorithm. */
    public Hasher hasher() {
      boolean isNative = this == SHA256 && NativeSha256.isAvailable();
      return new Hasher(
          this,
          isNative ? new Computation.OfNode(NativeSha256.create()) : new Computation.OfJdk(jdk()));
    }

    private MessageDigest jdk() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + javaName, e);
      }
    }
  }

  /** Computes a digest of content as it passes. */
  public static final class Hasher {
    private final Algorithm algorithm;
    private final Computation computation;

    private Hasher(Algorithm algorithm, Computation computation) {
      this.algorithm = algorithm;
      this.computation = computation;
    }

    public void update(byte[] bytes, int offset, int count) {
      computation.update(bytes, offset, count);
    }

    /** The digest of all that passed; the hasher then starts anew. */
    public Digest finish() {
      return new Digest(algorithm, HexFormat.of().formatHex(computation.finish()));
    }
  }

  /** What computes: the node's library is ten times as fast as what the JDK's C1 compiles. */
  private sealed interface Computation {
    void update(byte[] bytes, int offset, int count);

    byte[] finish();

    record OfJdk(MessageDigest state) implements Computation {
      @Override
      public void update(byte[] bytes, int offset, int count) {
        state.update(bytes, offset, count);
      }

      @Override
      public byte[] finish() {
        return state.digest();
      }
    }

    record OfNode(NativeSha256 state) implements Computation {
      @Override
      public void update(byte[] bytes, int offset, int count) {
        state.update(bytes, offset, count);
      }

      @Override
      public byte[] finish() {
        return state.digest();
      }
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
