package io.crij.runtime.cni.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.runtime.ServiceException.InvalidArgument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FixedAddressesTest {
  private static PodSandboxConfig pod(String annotation) {
    return PodSandboxConfig.newBuilder()
        .putAnnotations("v1.multus-cni.io/default-network", annotation)
        .build();
  }

  @Test
  void pluginsAreGivenWhatIsAskedFor() {
    String json =
        Capabilities.of(
                pod(
                    """
                    [{"name": "any", "ips": ["10.0.0.7/24", "fd00::7"],
                      "mac": "c2:b0:57:49:47:f1"}]\
                    """),
                "/kubepods/pod1")
            .json()
            .toString();

    assertThat(json)
        .contains(
            "\"ips\":[\"10.0.0.7/24\",\"fd00::7\"]",
            "\"mac\":\"c2:b0:57:49:47:f1\"",
            "\"cgroupPath\":\"/kubepods/pod1\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "kube-system/flannel", "[{\"name\": \"any\"}]"})
  void noneIsAskedFor(String annotation) {
    assertThat(Capabilities.of(pod(annotation), "/").json().toString())
        .doesNotContain("\"ips\"", "\"mac\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "[]",
        "[1]",
        "[{},{}]",
        "[{\"ips\": \"10.0.0.7\"}]",
        "[{\"ips\": [\"10.0.0.7/33\"]}]",
        "[{\"ips\": [\"10.0.0.7/\"]}]",
        "[{\"ips\": [7]}]",
        "[{\"ips\": [\"host.example\"]}]",
        "[{\"mac\": \"c2:b0:57:49:47\"}]",
        "[{\"mac\": \"c2:b0:57:49:47:f1;x\"}]",
        "[{\"mac\": 5}]"
      })
  void whatIsNoAddressIsRefused(String annotation) {
    assertThatThrownBy(() -> Capabilities.check(pod(annotation)))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("v1.multus-cni.io/default-network");
  }
}
