package io.crij.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KnownFaultsTest {
  @ParameterizedTest
  @CsvSource({
    "runc version 1.1.5+ds1, runc 1.1.5 is older than 1.2.8",
    "runc version 1.2.7, runc 1.2.7 is older than 1.2.8",
    "runc version 1.3.2, runc 1.3.2 is older than 1.3.3",
    "crun version 1.8.1, crun 1.8.1 is older than 1.20.0",
    "crun version 1.19, crun 1.19.0 is older than 1.20.0",
    "youki version: 0.5.6, youki 0.5.6 is older than 0.5.7"
  })
  void oldOnesAreToldOf(String output, String words) {
    assertThat(KnownFaults.of(output + "\ncommit: 1")).startsWith(words).contains("CVE-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runc version 1.2.8",
        "runc version 1.3.3",
        "runc version 1.4.0",
        "runc version 1.5.1-dev",
        "runc version 2.0.0",
        "crun version 1.20",
        "crun version 1.23.1",
        "youki version: 0.7.0",
        "runsc version release-20260101",
        "",
        "runc version 99999999999.1.1"
      })
  void ofOthersNothingIsKnown(String output) {
    assertThat(KnownFaults.of(output)).isEmpty();
  }
}
