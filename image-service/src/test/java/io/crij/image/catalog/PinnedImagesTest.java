package io.crij.image.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRow;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PinnedImagesTest {
  private static final Digest ID = Digest.sha256(new byte[0]);

  @ParameterizedTest
  @CsvSource({
    "registry.k8s.io/pause:3.10, true",
    "Registry.K8s.io/Pause:3.10, true",
    "registry.k8s.io/pause, false",
    "pause:3.10, false",
    "registry.k8s.io/pause*, true",
    "pause*, false",
    "*pause*, true",
    "*pau.e*, false",
    "registry.k8s.io/other*, false",
    "*other*, false",
    "*, true",
    "quay.io/copy@sha256:*, true",
  })
  void patternsAreCriOs(String pattern, boolean isPinned) {
    ImageRow image =
        new ImageRow(
            ID,
            ImageRow.Kind.IMAGE,
            new Descriptor(MediaType.OCI_MANIFEST, ID, 1),
            "",
            1,
            false,
            true,
            List.of("registry.k8s.io/pause:3.10"),
            List.of("quay.io/copy@" + ID),
            new ImageRow.Times(Instant.EPOCH, Instant.EPOCH),
            "");
    assertThat(new PinnedImages(List.of("example.com/x:y", pattern)).contains(image))
        .isEqualTo(isPinned);
  }
}
