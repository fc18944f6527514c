package io.crij.e2e.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What a cluster's programs know each other by.
 *
 * @param folder where the API server puts the certificate that it makes for itself
 * @param signing the key of service accounts' tokens
 * @param verifying its public half
 * @param tokens of users, as the API server reads them
 * @param kubeconfig of an administrator
 */
record Credentials(Path folder, Path signing, Path verifying, Path tokens, Path kubeconfig) {
  /** Makes them for an API server at a port of loopback. */
  static Credentials create(Path folder, int port) throws IOException {
    Files.createDirectories(folder);
    KeyPair key = key();
    String token = token();
    return new Credentials(
        folder,
        pem(folder.resolve("accounts.key"), "PRIVATE KEY", key.getPrivate().getEncoded()),
        pem(folder.resolve("accounts.pub"), "PUBLIC KEY", key.getPublic().getEncoded()),
        Files.writeString(folder.resolve("tokens.csv"), token + ",admin,1,\"system:masters\"\n"),
        Files.writeString(
            folder.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", certificate-authority: %s}}]
            users: [{name: admin, user: {token: %s}}]
            contexts: [{name: test, context: {cluster: test, user: admin}}]
            current-context: test
            """
                .formatted(port, certificate(folder), token)));
  }

  /** Who vouches for the API server: itself. */
  Path certificate() {
    return certificate(folder);
  }

  private static Path certificate(Path folder) {
    return folder.resolve("apiserver.crt");
  }

  private static KeyPair key() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has RSA", e);
    }
  }

  private static String token() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  private static Path pem(Path file, String what, byte[] key) throws IOException {
    String text = Base64.getMimeEncoder().encodeToString(key);
    return Files.writeString(
        file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, text));
  }
}
