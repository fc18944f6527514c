package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.StopContainerRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubjectTest {
  @Test
  void namesIdsAndImages() {
    assertThat(Subject.of(StopContainerRequest.newBuilder().setContainerId("c1").build()))
        .isEqualTo("c1 ");
    assertThat(Subject.of(CreateContainerRequest.newBuilder().setPodSandboxId("p1").build()))
        .isEqualTo("p1 ");
  }

  @Test
  void tellsNoSecrets() {
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage("docker.io/library/busybox"))
            .setAuth(AuthConfig.newBuilder().setUsername("u").setPassword("secret"))
            .build();

    assertThat(Subject.of(request)).isEqualTo("docker.io/library/busybox ");
  }

  /** Which somebody wrote into an image's name, as into a URL. */
  @ParameterizedTest
  @CsvSource({
    "https://u:secret@example.com/x:1, ***@example.com/x:1",
    "u:sec/ret@example.com:5000/x, ***@example.com:5000/x",
    "u:secret@x@sha256:0123456789abcdef0123456789abcdef, ***@x@sha256:0123456789abcdef0123456789abcdef",
    "x@sha256:0123456789abcdef0123456789abcdef, x@sha256:0123456789abcdef0123456789abcdef",
  })
  void tellsNoCredentialsOfNames(String image, String told) {
    PullImageRequest request =
        PullImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(image)).build();

    assertThat(Subject.of(request)).isEqualTo(told + " ");
  }

  @Test
  void staysOnOneShortLine() {
    StopContainerRequest forged =
        StopContainerRequest.newBuilder()
            .setContainerId("a\n2026-01-01 INFO \u001b[0m" + "x".repeat(10_000))
            .build();

    assertThat(Subject.of(forged)).startsWith("a; 2026").doesNotContain("\n", "\u001b");
    assertThat(Subject.of(forged)).hasSizeLessThan(320);
  }
}
