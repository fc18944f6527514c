package io.crij.runtime.hostport;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.Protocol;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPortTest {
  @ParameterizedTest
  @CsvSource({
    "'',          '',          true",
    "'',          192.0.2.1,   true",
    "0.0.0.0,     192.0.2.1,   true",
    "0.0.0.0,     0.0.0.0,     true",
    "192.0.2.1,   192.0.2.1,   true",
    "192.0.2.1,   192.0.2.2,   false",
    "0.0.0.0,     ::,          false",
    "0.0.0.0,     ::1,         false",
    "::,          ::1,         true",
    "::1,         0:0::0:1,    true",
    "'',          ::1,         true",
  })
  void addressesOverlap(String one, String other, boolean overlap) {
    HostPort mine = new HostPort(Protocol.TCP, 80, one);
    HostPort others = new HostPort(Protocol.TCP, 80, other);
    assertThat(mine.overlaps(others)).isEqualTo(overlap);
    assertThat(others.overlaps(mine)).isEqualTo(overlap);
    assertThat(mine.overlaps(new HostPort(Protocol.UDP, 80, other))).isFalse();
    assertThat(mine.overlaps(new HostPort(Protocol.TCP, 81, other))).isFalse();
  }
}
