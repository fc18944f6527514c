package io.crij.image.registry.tls;

import io.crij.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in the textual encoding of RFC 7468. */
public final class PemFile {
  private static final long LONGEST = 16 << 20;

  /**
   * With the headers that RFC 1421 has before the text, by which older programs tell of encryption.
   */
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN ([A-Z0-9 ]+)-----\\s*((?:[A-Za-z-]+:.*\\R)*+)([^-]*+)-----END \\1-----");

  private PemFile() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Block(String label, String headers, byte[] bytes) {
    private boolean isEncryptedKey() {
      return label.equals("ENCRYPTED PRIVATE KEY")
          || (label.endsWith("PRIVATE KEY") && headers.contains("ENCRYPTED"));
    }
  }

  /**
   * All certificates of a file, under each of the names that OpenSSL has for them; without those
   * that say themselves (X509_CERT_AUX) that they are not to be trusted for servers.
   *
   * @throws ImageException.FailedPrecondition naming the file, if it cannot be read or has none
   */
  public static List<Certificate> certificates(Path file) {
    List<Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(file)) {
        switch (block.label) {
          case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE" -> {
            ByteArrayInputStream bytes = new ByteArrayInputStream(block.bytes);
            Certificate certificate = factory.generateCertificate(bytes);
            if (Der.trustsServers(bytes.readAllBytes())) {
              certificates.add(certificate);
            }
          }
          default -> {} // keys, parameters
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
   * The private key of a file, in PKCS #8 or the older forms of RSA and EC keys.
   *
   * @throws ImageException.FailedPrecondition naming the file
   */
  public static PrivateKey privateKey(Path file) {
    for (Block block : blocks(file)) {
      if (block.isEncryptedKey()) {
        throw new ImageException.FailedPrecondition(file + ": encrypted keys are not supported");
      }
      switch (block.label) {
        case "PRIVATE KEY" -> {
          return privateKey(file, block.bytes);
        }
        case "RSA PRIVATE KEY" -> {
          return privateKey(file, Der.pkcs8OfRsa(block.bytes));
        }
        case "EC PRIVATE KEY" -> {
          byte[] key = Der.pkcs8OfEc(block.bytes);
          return privateKey(file, key == null ? block.bytes : key);
        }
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
        byte[] bytes = Base64.getMimeDecoder().decode(matcher.group(3));
        blocks.add(new Block(matcher.group(1), matcher.group(2), bytes));
      }
      return blocks;
    } catch (IOException | IllegalArgumentException e) {
      throw new ImageException.FailedPrecondition("cannot read " + file + ": " + e, e);
    }
  }
}
