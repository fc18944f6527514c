package io.crij.runtime.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.NetworkInterfaceUsage;
import io.crij.cri.v1.NetworkUsage;
import io.crij.linux.netlink.NetworkInterface;
import io.crij.linux.netlink.NetworkInterface.Traffic;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which interfaces of a pod are told of, and as what. */
class PodTrafficTest {
  private static @Nullable NetworkUsage usage(String... names) {
    List<NetworkInterface> interfaces =
        Stream.of(names)
            .map(name ->
                new NetworkInterface(name, false, new Traffic(1, 2, 3, 4), new Traffic(5, 6, 7, 8)))
            .toList();
    return PodTraffic.usage(interfaces);
  }

  @Test
  void theInterfaceThatCniMadeIsTheDefaultOne() {
    NetworkUsage usage = Objects.requireNonNull(usage("net1", "eth0"));

    NetworkInterfaceUsage standard = usage.getDefaultInterface();
    assertThat(standard.getName()).isEqualTo("eth0");
    assertThat(standard.getRxBytes().getValue()).isEqualTo(2);
    assertThat(standard.getRxErrors().getValue()).isEqualTo(3);
    assertThat(standard.getTxBytes().getValue()).isEqualTo(6);
    assertThat(standard.getTxErrors().getValue()).isEqualTo(7);
    assertThat(usage.getInterfacesList())
        .extracting(NetworkInterfaceUsage::getName)
        .containsExactly("net1");
  }

  /** Without one kubelets end with a panic, and a pod may rename its own. */
  @Test
  void anotherIsTheDefaultOneWhereThatIsGone() {
    NetworkUsage usage = Objects.requireNonNull(usage("mine", "net1"));

    assertThat(usage.getDefaultInterface().getName()).isEqualTo("mine");
    assertThat(usage.getInterfacesList())
        .extracting(NetworkInterfaceUsage::getName)
        .containsExactly("net1");
  }

  @Test
  void aPodWithoutInterfacesHasNoTraffic() {
    assertThat(usage()).isNull();
  }
}
