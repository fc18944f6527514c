package io.crij.server.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS of the streaming server, shaken hands with in memory. */
@SuppressWarnings("NullAway.Init") // Set before each test.
final class TlsFilesTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;
  private Path certificate;
  private Path key;

  @BeforeEach
  void write() throws Exception {
    certificate = folder.resolve("tls.crt");
    key = folder.resolve("tls.key");
    issue();
  }

  /** A new certificate and key, put in the place of those that are there. */
  private BigInteger issue() throws Exception {
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
                "EC",
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
    replace(certificate, pem("CERTIFICATE", made.getEncoded()));
    replace(key, pem("PRIVATE KEY", keys.getKey("test", PASSWORD).getEncoded()));
    return made.getSerialNumber();
  }

  private static void replace(Path file, String content) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), content);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String pem(String type, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, text, type);
  }

  private TlsFiles open(String minVersion, @Nullable Path authority) throws IOException {
    return new TlsFiles(
        new StreamingConfig.Tls(certificate, key, authority, minVersion, List.of()));
  }

  /** Shakes hands; the client trusts what is in the file now. */
  private SslHandler connect(TlsFiles files, String... versions) throws Exception {
    SslContext context =
        SslContextBuilder.forClient()
            .trustManager(certificate.toFile())
            .endpointIdentificationAlgorithm("")
            .protocols(versions)
            .build();
    SslHandler mine = context.newHandler(UnpooledByteBufAllocator.DEFAULT);
    EmbeddedChannel client = new EmbeddedChannel(mine);
    EmbeddedChannel server = new EmbeddedChannel(files.handler(UnpooledByteBufAllocator.DEFAULT));
    for (int i = 0; i < 20; i++) {
      pass(client, server);
      pass(server, client);
    }
    return mine;
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
      if (!to.isOpen()) {
        bytes.release();
        continue;
      }
      try {
        to.writeInbound(bytes);
      } catch (DecoderException _) {
        // A handshake that fails, which the client's future tells too.
      }
    }
  }

  private static BigInteger serial(SslHandler client) throws SSLPeerUnverifiedException {
    var shown = client.engine().getSession().getPeerCertificates()[0];
    return ((X509Certificate) shown).getSerialNumber();
  }

  @Test
  void aCertificateThatHasChangedIsShownToTheNextClient() throws Exception {
    BigInteger first = issue();
    TlsFiles files = open("TLSv1.2", null);
    assertThat(serial(connect(files, "TLSv1.3"))).isEqualTo(first);
    BigInteger second = issue();
    assertThat(serial(connect(files, "TLSv1.3"))).isEqualTo(second).isNotEqualTo(first);
  }

  @Test
  void whatCannotBeReadLeavesItAsItWas() throws Exception {
    BigInteger first = issue();
    TlsFiles files = open("TLSv1.2", null);
    replace(key, "half a key");
    assertThat(serial(connect(files, "TLSv1.2"))).isEqualTo(first);
    Files.delete(key);
    assertThat(serial(connect(files, "TLSv1.2"))).isEqualTo(first);
  }

  @Test
  void anOldVersionIsRefused() throws Exception {
    SslHandler client = connect(open("TLSv1.3", null), "TLSv1.2");
    assertThat(client.handshakeFuture().isSuccess()).isFalse();
    assertThat(connect(open("TLSv1.3", null), "TLSv1.3").handshakeFuture().isSuccess()).isTrue();
  }

  @Test
  void aStartWithoutThemNamesThem() throws Exception {
    replace(certificate, "no certificate");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open("TLSv1.2", null))
        .withMessageContaining(certificate.toString());
    Files.delete(key);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open("TLSv1.2", null));
  }
}
