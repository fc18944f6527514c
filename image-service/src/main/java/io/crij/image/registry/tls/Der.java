package io.crij.image.registry.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As much of DER (ITU-T X.690) as it takes to wrap old private keys in PKCS #8, and to read what
 * OpenSSL writes behind a certificate that is trusted for some purposes.
 */
final class Der {
  private static final byte OCTET_STRING = 4;
  private static final byte OBJECT_IDENTIFIER = 6;
  private static final byte SEQUENCE = 0x30;
  private static final byte PARAMETERS = (byte) 0xa0;
  private static final byte REJECTED = (byte) 0xa0;
  private static final byte[] VERSION_0 = {2, 1, 0};

  /** The AlgorithmIdentifier of rsaEncryption (RFC 8017, appendix C). */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /** The object identifier id-ecPublicKey (RFC 5480, section 2.1.1). */
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  /** The object identifiers id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280, 4.2.1.12). */
  private static final List<ByteBuffer> OF_SERVERS =
      List.of(
          ByteBuffer.wrap(HexFormat.of().parseHex("2b06010505070301")),
          ByteBuffer.wrap(HexFormat.of().parseHex("551d2500")));

  private Der() {}

  /**
   * Whether a certificate may vouch for servers.
   *
   * @param auxiliary the X509_CERT_AUX behind it: purposes that it is trusted for, all if there is
   *     no list of them, and purposes that it is not; empty if there is none
   */
  static boolean trustsServers(byte[] auxiliary) {
    byte[] trusted = child(auxiliary, SEQUENCE);
    byte[] rejected = child(auxiliary, REJECTED);
    return (trusted == null || namesServers(trusted))
        && (rejected == null || !namesServers(rejected));
  }

  private static boolean namesServers(byte[] identifiers) {
    return elements(identifiers).stream()
        .filter(element -> element.tag == OBJECT_IDENTIFIER)
        .anyMatch(element -> OF_SERVERS.contains(ByteBuffer.wrap(element.content)));
  }

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

  /** What a tag says it is, and its content. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Element(byte tag, byte[] content) {}

  /** The content of the first element with this tag within a sequence. */
  private static byte @Nullable [] child(byte[] sequence, byte tag) {
    List<Element> outer = elements(sequence);
    if (!outer.isEmpty()) {
      for (Element element : elements(outer.getFirst().content)) {
        if (element.tag == tag) {
          return element.content;
        }
      }
    }
    return null;
  }

  /** What stands there one behind the other; of an element that is cut off, what is there. */
  private static List<Element> elements(byte[] bytes) {
    List<Element> elements = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      while (buffer.hasRemaining()) {
        byte tag = buffer.get();
        byte[] content = new byte[Math.min(length(buffer), buffer.remaining())];
        buffer.get(content);
        elements.add(new Element(tag, content));
      }
    } catch (BufferUnderflowException e) {
      // cut off: the rest is not there
    }
    return elements;
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
