package io.crij.image.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.name.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexTest {
  private static Descriptor entry(String platform, String mediaType) {
    String[] parts = (platform + "//").split("/", -1);
    return new Descriptor(
        mediaType,
        Digest.sha256(platform.getBytes(StandardCharsets.UTF_8)),
        1,
        platform.equals("-") ? null : new Platform(parts[0], parts[1], parts[2]),
        Map.of("platform", platform));
  }

  private static @Nullable String selected(String entries, String host) {
    List<Descriptor> manifests = new ArrayList<>();
    for (String platform : entries.split(" ")) {
      manifests.add(entry(platform, MediaType.OCI_MANIFEST));
    }
    String[] parts = (host + "//").split("/", -1);
    Descriptor selected =
        new Index(MediaType.OCI_INDEX, manifests, Map.of())
            .select(new Platform(parts[0], parts[1], parts[2]));
    return selected == null ? null : selected.annotations().get("platform");
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64, linux/amd64",
    "linux/arm64 linux/amd64, linux/amd64, linux/amd64",
    "windows/amd64 linux/arm64, linux/amd64,",
    "linux/amd64/v3 linux/amd64, linux/amd64, linux/amd64",
    "linux/amd64 linux/amd64/v2 linux/amd64/v3, linux/amd64/v2, linux/amd64/v2",
    "linux/arm64, linux/arm64/v8, linux/arm64",
    "linux/arm64/v8, linux/arm64, linux/arm64/v8",
    "linux/arm/v5 linux/arm/v6 linux/arm/v7, linux/arm/v6, linux/arm/v6",
    "linux/arm/v7, linux/arm/v6,",
    "linux/amd64/weird, linux/amd64,",
    "unknown/unknown linux/amd64, linux/amd64, linux/amd64",
    "unknown/unknown, linux/amd64,",
    "- linux/amd64, linux/amd64, linux/amd64",
    "linux/arm64 -, linux/amd64, -",
    "-, linux/amd64, -",
  })
  void selectsWhatRunsHere(String entries, String host, @Nullable String expected) {
    assertThat(selected(entries, host)).isEqualTo(expected);
  }

  @Test
  void theFirstOfEqualsIsTaken() {
    Descriptor first = new Descriptor(MediaType.OCI_MANIFEST, Digest.sha256(new byte[1]), 1);
    Descriptor second = new Descriptor(MediaType.OCI_MANIFEST, Digest.sha256(new byte[2]), 1);
    assertThat(
            new Index(MediaType.OCI_INDEX, List.of(first, second), Map.of())
                .select(Platform.host()))
        .isEqualTo(first);
  }

  @Test
  void entriesOfUnknownTypesAreNotSelected() {
    assertThat(
            new Index(MediaType.OCI_INDEX, List.of(entry("-", "text/html")), Map.of())
                .select(Platform.host()))
        .isNull();
  }

  @Test
  void thisNodeRunsItsOwnPlatform() {
    assertThat(Platform.host().runsOn(Platform.host())).isTrue();
    assertThat(Platform.host().os()).isEqualTo("linux");
  }
}
