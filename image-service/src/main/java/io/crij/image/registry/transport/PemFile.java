package io.crij.image.registry.transport;

import io.crij.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in the textual encoding of RFC 7468. */
final class PemFile {
  private static final long LONGEST = 16 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*+)-----END \\1-----");

  /** The AlgorithmIdentifier of rsaEncryption (RFC 8017, appendix C), in DER. */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final byte OCTET_STRING = 4;
  private static final byte SEQUENCE = 0x30;

  private PemFile() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Block(String label, byte[] bytes) {}

  /**
   * All certificates of a file.
   *
   * @throws ImageException.FailedPrecondition naming the file, if it cannot be read or has none
   */
  static List<Certificate> certificates(Path file) {
    List<Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(file)) {
        if (block.label.equals("CERTIFICATE")) {
          certificates.add(factory.generateCertificate(new ByteArrayInputStream(block.bytes)));
        }
      }
    } catch (CertificateException e) {
      throw new ImageException.FailedPrecondition(file + ": malformed certificate: " + e, e);
    }
    if (certificates.isEmpty()) {
      throw new ImageException.FailedPrecondition(file + ": no certificate in it");
    }
    return certificates;
  }

  /**
   * The private key of a file, in PKCS #8 or the older form of RSA keys.
   *
   * @throws ImageException.FailedPrecondition naming the file
   */
  static PrivateKey privateKey(Path file) {
    for (Block block : blocks(file)) {
      switch (block.label) {
        case "PRIVATE KEY" -> {
          return privateKey(file, block.bytes);
        }
        case "RSA PRIVATE KEY" -> {
          byte[] key = der(OCTET_STRING, block.bytes);
          return privateKey(file, der(SEQUENCE, VERSION_0, RSA, key));
        }
        case "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY" ->
            throw new ImageException.FailedPrecondition(
                file + ": only unencrypted keys in PKCS #8 form are supported, see openssl pkcs8");
        default -> {} // certificates, parameters
      }
    }
    throw new ImageException.FailedPrecondition(file + ": no private key in it");
  }

  /** PKCS #8 names the algorithm, but the JDK wants to be told. */
  private static PrivateKey privateKey(Path file, byte[] pkcs8) {
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        // not of this algorithm
      }
    }
    throw new ImageException.FailedPrecondition(file + ": not a private key of RSA, EC or EdDSA");
  }

  private static List<Block> blocks(Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        throw new ImageException.FailedPrecondition(file + ": longer than " + LONGEST + " bytes");
      }
      Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      List<Block> blocks = new ArrayList<>();
      while (matcher.find()) {
        blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
      }
      return blocks;
    } catch (IOException | IllegalArgumentException e) {
      throw new ImageException.FailedPrecondition("cannot read " + file + ": " + e, e);
    }
  }

  private static byte[] der(byte tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    der.write(tag);
    int length = content.size();
    if (length >= 0x80) { // long form: how many bytes of length, then those
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int skip = bytes[0] == 0 ? 1 : 0;
      der.write(0x80 | (bytes.length - skip));
      der.write(bytes, skip, bytes.length - skip);
    } else {
      der.write(length);
    }
    der.writeBytes(content.toByteArray());
    return der.toByteArray();
  }
}
