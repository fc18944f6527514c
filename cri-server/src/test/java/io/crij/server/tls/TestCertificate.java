package io.crij.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** A certificate of a server on 127.0.0.1, in files that servers read. */
public record TestCertificate(X509Certificate certificate, PrivateKey key) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** A new one, put in the place of that which is there: {@code tls.crt} and {@code tls.key}. */
  public static TestCertificate issue(Path folder, String algorithm) throws Exception {
    Path store = Files.createTempDirectory(folder, "key").resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD),
                "-alias",
                "test",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=node",
                "-ext",
                "SAN=ip:127.0.0.1")
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    X509Certificate made = (X509Certificate) keys.getCertificate("test");
    replace(folder.resolve("tls.crt"), pem("CERTIFICATE", made.getEncoded()));
    PrivateKey secret = (PrivateKey) keys.getKey("test", PASSWORD);
    replace(folder.resolve("tls.key"), pem("PRIVATE KEY", secret.getEncoded()));
    return new TestCertificate(made, secret);
  }

  static void replace(Path file, String content) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), content);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  static String pem(String type, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, text, type);
  }
}
