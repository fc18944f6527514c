package io.crij.server.tls;

import io.crij.image.registry.tls.PemFile;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate and key of a server, and whom it trusts, from files. They are read again for the
 * first connection after they have changed; what cannot be read then leaves it as it was. Used by
 * one thread.
 */
public final class TlsFiles {
  private static final Logger log = LoggerFactory.getLogger(TlsFiles.class);
  private static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

  private final TlsSettings config;
  private List<Stamp> stamps;
  private SslContext context;

  /** What tells one content of a file from the next, without reading it. */
  private record Stamp(Object key, long size, long modifiedMillis) {}

  /**
   * @throws IOException naming the files that cannot be read, or are not what they should be
   */
  public TlsFiles(TlsSettings config) throws IOException {
    this.config = config;
    this.stamps = stamps();
    this.context = read();
  }

  /** For one connection. */
  public SslHandler handler(ByteBufAllocator memory) {
    try {
      List<Stamp> now = stamps();
      if (!now.equals(stamps)) {
        // Not again for the same files, whatever comes of it.
        stamps = now;
        context = read();
        log.info("read {} again", files());
      }
    } catch (IOException e) {
      log.error("TLS stays as it was: {}", e.getMessage());
    }
    return context.newHandler(memory);
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(config.certificate(), config.key()));
    if (config.clientAuthority() != null) {
      files.add(config.clientAuthority());
    }
    return files;
  }

  private List<Stamp> stamps() throws IOException {
    List<Stamp> found = new ArrayList<>();
    for (Path file : files()) {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      found.add(
          new Stamp(
              String.valueOf(attributes.fileKey()),
              attributes.size(),
              attributes.lastModifiedTime().toMillis()));
    }
    return found;
  }

  private SslContext read() throws IOException {
    try {
      X509Certificate[] chain = certificates(config.certificate());
      PrivateKey key = PemFile.privateKey(config.key());
      requirePair(chain[0].getPublicKey(), key);
      SslContextBuilder builder =
          SslContextBuilder.forServer(key, chain)
              .sslProvider(SslProvider.JDK)
              .protocols(VERSIONS.subList(VERSIONS.indexOf(config.minVersion()), VERSIONS.size()));
      if (!config.ciphers().isEmpty()) {
        builder.ciphers(config.ciphers());
      }
      Path authority = config.clientAuthority();
      if (authority != null) {
        builder.trustManager(certificates(authority)).clientAuth(ClientAuth.REQUIRE);
      }
      return builder.build();
    } catch (SSLException | GeneralSecurityException | RuntimeException e) {
      throw new IOException("TLS: " + e.getMessage(), e);
    }
  }

  private static X509Certificate[] certificates(Path file) {
    return PemFile.certificates(file).toArray(X509Certificate[]::new);
  }

  /** What one signs the other must verify: the JDK would find out with the first client. */
  private void requirePair(PublicKey shown, PrivateKey key) throws GeneralSecurityException {
    Signature signature =
        Signature.getInstance(
            switch (key.getAlgorithm()) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> "EdDSA";
            });
    signature.initSign(key);
    byte[] signed = signature.sign();
    if (!verifies(signature, shown, signed)) {
      throw new InvalidKeyException(config.key() + " is not the key of " + config.certificate());
    }
  }

  private static boolean verifies(Signature signature, PublicKey shown, byte[] signed) {
    try {
      signature.initVerify(shown);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false; // of another algorithm
    }
  }
}
