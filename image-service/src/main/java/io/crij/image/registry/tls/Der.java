package io.crij.image.registry.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** As much of DER (ITU-T X.690) as wrapping old private keys in PKCS #8 takes. */
final class Der {
  private static final byte OCTET_STRING = 4;
  private static final byte SEQUENCE = 0x30;
  private static final byte PARAMETERS = (byte) 0xa0;
  private static final byte[] VERSION_0 = {2, 1, 0};

  /** The AlgorithmIdentifier of rsaEncryption (RFC 8017, appendix C). */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /** The object identifier id-ecPublicKey (RFC 5480, section 2.1.1). */
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private Der() {}

  /** PKCS #8 of a PKCS #1 RSAPrivateKey (RFC 8017, appendix A.1.2). */
  static byte[] pkcs8OfRsa(byte[] key) {
    return element(SEQUENCE, VERSION_0, RSA, element(OCTET_STRING, key));
  }

  /** PKCS #8 of an ECPrivateKey (RFC 5915); null if it does not name its curve. */
  static byte @Nullable [] pkcs8OfEc(byte[] key) {
    byte[] curve = child(key, PARAMETERS);
    return curve == null
        ? null
        : element(SEQUENCE, VERSION_0, element(SEQUENCE, EC, curve), element(OCTET_STRING, key));
  }

  /** The content of the first element with this tag within a sequence. */
  private static byte @Nullable [] child(byte[] sequence, byte tag) {
    ByteBuffer buffer = ByteBuffer.wrap(sequence);
    try {
      buffer.get();
      buffer.limit(Math.min(length(buffer) + buffer.position(), buffer.limit()));
      while (buffer.hasRemaining()) {
        byte found = buffer.get();
        byte[] content = new byte[Math.min(length(buffer), buffer.remaining())];
        buffer.get(content);
        if (found == tag) {
          return content;
        }
      }
    } catch (BufferUnderflowException e) {
      // cut off: not there
    }
    return null;
  }

  /** One byte, or how many bytes of length follow; keys need no more than two. */
  private static int length(ByteBuffer buffer) {
    int first = buffer.get() & 0xff;
    return switch (first) {
      case 0x81 -> buffer.get() & 0xff;
      case 0x82 -> buffer.getShort() & 0xffff;
      default -> first & 0x7f;
    };
  }

  private static byte[] element(byte tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    der.write(tag);
    int length = content.size();
    if (length < 0x80) {
      der.write(length);
    } else {
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int skip = bytes[0] == 0 ? 1 : 0;
      der.write(0x80 | (bytes.length - skip));
      der.write(bytes, skip, bytes.length - skip);
    }
    der.writeBytes(content.toByteArray());
    return der.toByteArray();
  }
}
