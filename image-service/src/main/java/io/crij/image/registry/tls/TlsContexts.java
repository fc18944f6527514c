package io.crij.image.registry.tls;

import io.crij.image.ImageException;
import io.crij.image.registry.tls.TlsSettings.ClientPair;
import io.crij.linux.codec.NativeCiphers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS contexts of settings, anew when a file they come from has changed. Old protocol
 * versions are off by the JDK's own policy.
 */
public final class TlsContexts {
  /** Registries configured differently that a node pulls from at about the same time. */
  private static final int MOST_KNOWN = 32;

  /** Where distributions keep the authorities that administrators manage: Debian, Fedora, SUSE. */
  private static final List<Path> SYSTEM_AUTHORITIES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"));

  private static final char[] NO_PASSWORD = {};

  private final Map<TlsSettings, Known> known = new LinkedHashMap<>();

  /** A file as it was. */
  private record Stamp(Path file, @Nullable FileTime changed, long size) {}

  /** A context, and what it was made of. */
  private record Known(List<Stamp> stamps, SSLContext context) {}

  /**
   * @throws ImageException.FailedPrecondition naming the file that cannot be used
   */
  public synchronized SSLContext of(TlsSettings tls) {
    List<Stamp> stamps = stamps(tls);
    Known before = known.get(tls);
    if (before != null && before.stamps.equals(stamps)) {
      return before.context;
    }
    SSLContext context = make(tls);
    if (known.size() == MOST_KNOWN) {
      known.clear();
    }
    known.put(tls, new Known(stamps, context));
    return context;
  }

  private static List<Stamp> stamps(TlsSettings tls) {
    List<Path> files = new ArrayList<>(SYSTEM_AUTHORITIES);
    files.addAll(tls.authorities());
    for (ClientPair client : tls.clients()) {
      files.add(client.certificate());
      files.add(client.key());
    }
    return files.stream().map(TlsContexts::stamp).toList();
  }

  private static Stamp stamp(Path file) {
    try {
      return new Stamp(file, Files.getLastModifiedTime(file), Files.size(file));
    } catch (IOException e) {
      return new Stamp(file, null, -1);
    }
  }

  private static SSLContext make(TlsSettings tls) {
    NativeCiphers.install();
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
