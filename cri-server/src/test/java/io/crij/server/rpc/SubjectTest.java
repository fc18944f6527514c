package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.StopContainerRequest;
import org.junit.jupiter.api.Test;

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
