package io.crij.image.registry.transport;

import io.crij.image.ImageException;
import io.crij.image.registry.hosts.TlsSettings;
import io.crij.image.registry.hosts.TlsSettings.ClientPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Makes TLS contexts of settings. Old protocol versions are off by the JDK's own policy. */
final class TlsContexts {
  /** Where distributions keep the authorities that administrators manage: Debian, Fedora, SUSE. */
  private static final List<Path> SYSTEM_AUTHORITIES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"));

  private static final char[] NO_PASSWORD = {};

  private TlsContexts() {}

  /**
   * @throws ImageException.FailedPrecondition naming the file that cannot be used
   */
  static SSLContext of(TlsSettings tls) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManager[] trust =
          tls.skipVerify() ? new TrustManager[] {new TrustAnyone()} : trust(tls.authorities());
      context.init(keys(tls.clients()), trust, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new ImageException.FailedPrecondition("cannot set up TLS: " + e, e);
    }
  }

  /** The system's authorities (the JDK's where there are none) and these beside them. */
  private static TrustManager[] trust(List<Path> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    @Nullable Path system =
        SYSTEM_AUTHORITIES.stream().filter(Files::isReadable).findFirst().orElse(null);
    if (system == null && authorities.isEmpty()) {
      return trustOf(null);
    }
    List<Path> files = Stream.concat(Stream.ofNullable(system), authorities.stream()).toList();
    int number = 0;
    for (Path file : files) {
      for (Certificate certificate : PemFile.certificates(file)) {
        store.setCertificateEntry("authority-" + number++, certificate);
      }
    }
    return trustOf(store);
  }

  private static TrustManager[] trustOf(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager known) {
        return new TrustManager[] {new TrustWhileValid(known)};
      }
    }
    throw new GeneralSecurityException("no trust manager for X.509");
  }

  private static KeyManager @Nullable [] keys(List<ClientPair> clients)
      throws GeneralSecurityException, IOException {
    if (clients.isEmpty()) {
      return null;
    }
    KeyStore store = emptyStore();
    int number = 0;
    for (ClientPair client : clients) {
      Certificate[] chain = PemFile.certificates(client.certificate()).toArray(Certificate[]::new);
      store.setKeyEntry("client-" + number++, PemFile.privateKey(client.key()), NO_PASSWORD, chain);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
