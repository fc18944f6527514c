package io.crij.runtime.cni.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.runtime.ServiceException.InvalidArgument;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BandwidthTest {
  private static final String INGRESS = "kubernetes.io/ingress-bandwidth";

  @ParameterizedTest
  @CsvSource({
    "1k, 1000",
    "10M, 10000000",
    "1.5G, 1500000000",
    "4Ki, 4096",
    "1Mi, 1048576",
    "2e6, 2000000",
    "123456, 123456",
    "1P, 1000000000000000"
  })
  void quantitiesOfKubernetes(String text, long bits) {
    assertThat(Bandwidth.of(Map.of(INGRESS, text))).isEqualTo(new Bandwidth(bits, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "999", "2P", "1E", "fast", "10m", "1ki", "-1M", "1e99", "10 M", "1Pi"})
  void othersAreRefused(String text) {
    assertThatThrownBy(() -> Bandwidth.of(Map.of(INGRESS, text)))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining(INGRESS);
  }

  @Test
  void pluginsAreGivenRatesAndAnnotations() {
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .putAnnotations("kubernetes.io/egress-bandwidth", "1M")
            .putAnnotations("a", "b")
            .build();
    assertThat(Capabilities.of(config, "").json())
        .hasToString(
            "{\"bandwidth\":{\"egressRate\":1000000,\"egressBurst\":2147483647},"
                + "\"io.kubernetes.cri.pod-annotations\":{\"a\":\"b\","
                + "\"kubernetes.io/egress-bandwidth\":\"1M\"}}");
    assertThat(Capabilities.of(PodSandboxConfig.getDefaultInstance(), "").json()).hasToString("{}");
  }
}
