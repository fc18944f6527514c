package io.crij.server.tls;

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
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS of the streaming server, shaken hands with in memory. */
@SuppressWarnings("NullAway.Init") // Set before each test.
final class TlsFilesTest {
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
    return issue("EC").certificate().getSerialNumber();
  }

  private TestCertificate issue(String algorithm) throws Exception {
    return TestCertificate.issue(folder, algorithm);
  }

  private TlsFiles open(String minVersion, @Nullable Path authority) throws IOException {
    return new TlsFiles(new TlsSettings(certificate, key, authority, minVersion, List.of()));
  }

  /** Shakes hands; the client trusts what is in the file now. */
  private SslHandler connect(TlsFiles files, String... versions) throws Exception {
    return connect(files, clientWithout(), versions);
  }

  /** One that shows no certificate. */
  private SslContextBuilder clientWithout() {
    return SslContextBuilder.forClient()
        .trustManager(certificate.toFile())
        .endpointIdentificationAlgorithm("");
  }

  private static SslHandler connect(TlsFiles files, SslContextBuilder builder, String... versions)
      throws Exception {
    SslContext context = builder.protocols(versions).build();
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
    TestCertificate.replace(key, "half a key");
    assertThat(serial(connect(files, "TLSv1.2"))).isEqualTo(first);
    Files.delete(key);
    assertThat(serial(connect(files, "TLSv1.2"))).isEqualTo(first);
  }

  /** As what openssl and other programs write. */
  @Test
  void aKeyMayHaveAnOlderForm() throws Exception {
    byte[] rsa = issue("RSA").key().getEncoded(); // its last element is the PKCS #1 key
    TestCertificate.replace(
        key, TestCertificate.pem("RSA PRIVATE KEY", Arrays.copyOfRange(rsa, 26, rsa.length)));
    assertThat(shakesHands()).isTrue();

    TestCertificate pair = issue("EC");
    // RFC 5915: of the curve secp384r1, which is named after the number.
    byte[] number = ((ECPrivateKey) pair.key()).getS().toByteArray();
    String digits = HexFormat.of().formatHex(number);
    String padded = "0".repeat(96) + digits;
    String curve = "06052b81040022";
    String sec1 = "303e0201010430" + padded.substring(padded.length() - 96) + "a007" + curve;
    String parameters = TestCertificate.pem("EC PARAMETERS", HexFormat.of().parseHex(curve));
    TestCertificate.replace(
        key, parameters + TestCertificate.pem("EC PRIVATE KEY", HexFormat.of().parseHex(sec1)));
    assertThat(shakesHands()).isTrue();

    issue("Ed25519");
    assertThat(shakesHands()).isTrue();
  }

  private boolean shakesHands() throws Exception {
    return connect(open("TLSv1.2", null), "TLSv1.3").handshakeFuture().isSuccess();
  }

  @Test
  void anEncryptedKeyIsRefusedWithTheReason() throws Exception {
    String old = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,3DC9A0C7E1A28CBA\n\n";
    String text = TestCertificate.pem("RSA PRIVATE KEY", new byte[99]);
    for (String encrypted :
        List.of(
            TestCertificate.pem("ENCRYPTED PRIVATE KEY", new byte[99]),
            text.replaceFirst("KEY-----\n", "KEY-----\n" + old))) {
      TestCertificate.replace(key, encrypted);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> open("TLSv1.2", null))
          .withMessageContaining(key + ": encrypted keys are not supported");
    }
  }

  /** As between the two writes of whoever changes both. */
  @Test
  void theKeyOfAnotherCertificateIsRefused() throws Exception {
    BigInteger first = issue();
    TlsFiles files = open("TLSv1.2", null);
    String former = Files.readString(certificate);
    issue();
    String latter = Files.readString(certificate);
    TestCertificate.replace(certificate, former);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open("TLSv1.2", null))
        .withMessageContaining(key + " is not the key of " + certificate);
    assertThat(serial(connect(files, "TLSv1.3"))).isEqualTo(first);
    TestCertificate.replace(certificate, latter);
    assertThat(serial(connect(files, "TLSv1.3"))).isNotEqualTo(first);
  }

  /** Only who has a certificate of the authority gets through; the node's own will do. */
  @Test
  void aClientMustShowACertificateOfTheAuthority() throws Exception {
    TlsFiles files = open("TLSv1.2", certificate);
    assertThat(connect(files, clientWithout(), "TLSv1.2").handshakeFuture().isSuccess()).isFalse();
    SslContextBuilder known = clientWithout().keyManager(certificate.toFile(), key.toFile());
    assertThat(connect(files, known, "TLSv1.2").handshakeFuture().isSuccess()).isTrue();
  }

  @Test
  void onlyTheCiphersOfTheConfigurationAreSpoken() throws Exception {
    String only = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    TlsFiles files =
        new TlsFiles(new TlsSettings(certificate, key, null, "TLSv1.2", List.of(only)));
    SslContextBuilder other =
        clientWithout().ciphers(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
    assertThat(connect(files, other, "TLSv1.2").handshakeFuture().isSuccess()).isFalse();
    SslHandler any = connect(files, "TLSv1.2");
    assertThat(any.engine().getSession().getCipherSuite()).isEqualTo(only);
  }

  @Test
  void anOldVersionIsRefused() throws Exception {
    SslHandler client = connect(open("TLSv1.3", null), "TLSv1.2");
    assertThat(client.handshakeFuture().isSuccess()).isFalse();
    assertThat(connect(open("TLSv1.3", null), "TLSv1.3").handshakeFuture().isSuccess()).isTrue();
  }

  @Test
  void aStartWithoutThemNamesThem() throws Exception {
    TestCertificate.replace(certificate, "no certificate");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> open("TLSv1.2", null))
        .withMessageContaining(certificate.toString());
    Files.delete(key);
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> open("TLSv1.2", null));
  }
}
