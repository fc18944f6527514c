package io.crij.e2e.streams;

import io.crij.e2e.program.Command;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** A certificate of 127.0.0.1 and its key, in PEM files. */
public record Certificate(Path certificate, Path key) {
  private static final String PASSWORD = "changeit";

  public static Certificate in(Path folder) {
    return new Certificate(folder.resolve("stream.crt"), folder.resolve("stream.key"));
  }

  /** Makes a new one in the place of the former, and gives its serial number. */
  public BigInteger issue() throws Exception {
    Path store = Files.createTempDirectory(key.getParent(), "issue").resolve("store.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Command.of(
            (keytool
                    + " -genkeypair -alias node -keyalg RSA -dname CN=node -ext san=ip:127.0.0.1"
                    + " -storepass "
                    + PASSWORD
                    + " -keystore "
                    + store)
                .split(" ", -1))
        .run();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    Key secret = keys.getKey("node", PASSWORD.toCharArray());
    X509Certificate made = (X509Certificate) keys.getCertificate("node");
    replace(key, "PRIVATE KEY", secret.getEncoded());
    replace(certificate, "CERTIFICATE", made.getEncoded());
    return made.getSerialNumber();
  }

  private static void replace(Path file, String label, byte[] bytes) throws Exception {
    String text = Base64.getMimeEncoder().encodeToString(bytes);
    Path next =
        Files.writeString(
            file.resolveSibling("next"),
            "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, text));
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
