package io.crij.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownFeaturesTest {
  @ParameterizedTest
  @CsvSource({
    "crun version 1.8.1, true",
    "crun version 1.4, true",
    "crun version 1.3, false",
    "runc version 1.0.3, false",
    "runsc version release-20221219.0, false",
    "'', false"
  })
  void whatHasNoCommandForItIsKnownByItsVersion(String output, boolean recursive) {
    assertThat(KnownFeatures.of(output + "\nspec: 1.0.0"))
        .isEqualTo(new HandlerFeatures(recursive, false));
  }
}
