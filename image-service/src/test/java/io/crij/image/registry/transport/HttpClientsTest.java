package io.crij.image.registry.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.image.registry.tls.TlsContexts;
import io.crij.image.registry.tls.TlsSettings;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpClientsTest {
  private static final int MANY = 40;

  private final HttpClients clients =
      new HttpClients(new Proxies(ProxySettings.NONE), new TlsContexts());

  @AfterEach
  void close() {
    clients.close();
  }

  private HttpClients.Lease lease() {
    return clients.lease(TlsSettings.DEFAULT, false, Duration.ofSeconds(1));
  }

  @Test
  void thoseOfTheSameWayAreOneAlsoWhenNobodyHasItForAWhile() {
    HttpClient first;
    try (HttpClients.Lease one = lease();
        HttpClients.Lease other = lease()) {
      first = one.client();
      assertThat(other.client()).isSameAs(first);
    }
    try (HttpClients.Lease again = lease()) {
      assertThat(again.client()).isSameAs(first);
    }
  }

  @Test
  void anotherTrustProofTimeoutOrProtocolIsAnotherWay() {
    TlsSettings anyone = TlsSettings.DEFAULT.withoutVerification();
    Duration time = Duration.ofSeconds(1);
    List<HttpClients.Lease> leases =
        List.of(
            lease(),
            clients.lease(anyone, false, time),
            clients.lease(TlsSettings.DEFAULT, true, time),
            clients.lease(TlsSettings.DEFAULT, false, time.plusSeconds(1)));
    assertThat(leases.stream().map(HttpClients.Lease::client)).doesNotHaveDuplicates();
    leases.forEach(HttpClients.Lease::close);
  }

  @Test
  void fewHaveOneAtTheSameTimeAndOneIsKept() {
    List<HttpClients.Lease> leases =
        new ArrayList<>(IntStream.range(0, MANY).mapToObj(_ -> lease()).toList());
    assertThat(leases.stream().map(HttpClients.Lease::client).distinct()).hasSize(3);
    leases.forEach(HttpClients.Lease::close);
    leases.forEach(HttpClients.Lease::close); // once is enough
    try (HttpClients.Lease again = lease();
        HttpClients.Lease other = lease()) {
      assertThat(again.client()).isSameAs(other.client());
      assertThat(again.client().isTerminated()).isFalse();
    }
  }

  @Test
  void oneThatIsDistrustedIsForThoseAloneWhoHaveIt() {
    try (HttpClients.Lease silent = lease()) {
      silent.distrust();
      assertThat(silent.client().isTerminated()).isFalse();
      try (HttpClients.Lease other = lease()) {
        assertThat(other.client()).isNotSameAs(silent.client());
      }
    }
  }
}
