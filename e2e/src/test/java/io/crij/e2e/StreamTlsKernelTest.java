package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.streams.Certificate;
import io.crij.e2e.streams.StreamCalls;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Streams over TLS, with crictl, which like the kubelet takes any certificate, and by hand. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamTlsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";

  /** Takes any certificate, to look at it. */
  private static final X509TrustManager ANYONE =
      new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      };

  @Test
  void commandsAndPortsAreReachedOverTls(PrivateRoot home, Registry registry) throws Exception {
    Certificate certificate = Certificate.in(home.path());
    BigInteger first = certificate.issue();
    String configuration =
        """
        [crij.api]
        stream_enable_tls = true
        stream_tls_cert = "%s"
        stream_tls_key = "%s"
        tls_min_version = "VersionTLS13"
        tls_cipher_suites = ["TLS_AES_256_GCM_SHA384"]
        """
            .formatted(certificate.certificate(), certificate.key());
    try (Node node = Node.start(home, registry, configuration);
        StreamCalls calls = new StreamCalls(node)) {
      String container = RunningPod.run(node, "tls", IMAGE).start("sleep", "1000");
      assertExecutes(node, container);

      URI url = calls.exec(container, "true");
      assertThat(url.getScheme()).isEqualTo("https");
      assertThat(serial(url, "TLSv1.3")).isEqualTo(first);
      assertThatExceptionOfType(SSLHandshakeException.class)
          .isThrownBy(() -> serial(url, "TLSv1.2"));

      BigInteger second = certificate.issue();
      assertThat(serial(url, "TLSv1.3")).isEqualTo(second).isNotEqualTo(first);
      assertExecutes(node, container);
    }
  }

  private static void assertExecutes(Node node, String container) {
    for (String transport : new String[] {"spdy", "websocket"}) {
      String output =
          node.crictl().run("exec", "--transport", transport, container, "seq", "1", "100000");
      assertThat(output.lines().count()).as(transport).isEqualTo(100_000);
    }
  }

  private static BigInteger serial(URI url, String version) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {ANYONE}, new SecureRandom());
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(60_000);
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_AES_256_GCM_SHA384");
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    } catch (SSLHandshakeException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("TLS with " + url, e);
    }
  }
}
