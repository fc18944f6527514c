package io.crij.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HandlerAnnotationsTest {
  private static final Map<String, String> POD =
      Map.of(
          "site.example/a", "pod",
          "site.example/a/b", "deeper",
          "dev.gvisor.flag", "pod",
          "run.oci.x", "pod",
          "umask.crio.io", "0");

  private static ContainerSettings settings(HandlerAnnotations annotations) {
    HandlerSettings usual = HandlerSettings.USUAL;
    return new ContainerSettings(
        ProcessSettings.USUAL,
        MountSettings.NONE,
        DeviceSettings.NONE,
        List.of(),
        Map.of(),
        Map.of(
            "h",
            new HandlerSettings(
                usual.minMemoryBytes(),
                annotations,
                null,
                false,
                false,
                usual.createLimit(),
                null,
                false)),
        List.of(),
        CpuSettings.NONE);
  }

  @Test
  void theRuntimeIsGivenWhatIsLetThroughAndTheDefaults() {
    HandlerAnnotations annotations =
        new HandlerAnnotations(
            Set.of(),
            Map.of("site.example/a", "default", "run.oci.handler", "wasm"),
            List.of("site.example/*"),
            List.of("dev.gvisor.*"));

    assertThat(annotations.passed(POD, Map.of("dev.gvisor.x", "c", "site.example/z", "c")))
        .isEqualTo(Map.of("site.example/a", "pod", "run.oci.handler", "wasm", "dev.gvisor.x", "c"));
    assertThat(HandlerAnnotations.USUAL.passed(POD, POD)).isEmpty();
  }

  @Test
  void aDefaultHoldsUnlessThePodMaySayOtherwise() {
    Map<String, String> defaults = Map.of("umask.crio.io", "077");
    ContainerSettings bound =
        settings(new HandlerAnnotations(Set.of(), defaults, List.of(), List.of()));
    ContainerSettings free =
        settings(
            new HandlerAnnotations(Set.of(PodAnnotation.UMASK), defaults, List.of(), List.of()));

    assertThat(bound.asked(PodAnnotation.UMASK, POD, "h")).isEqualTo("077");
    assertThat(free.asked(PodAnnotation.UMASK, POD, "h")).isEqualTo("0");
    assertThat(free.asked(PodAnnotation.UMASK, Map.of(), "h")).isEqualTo("077");
    assertThat(free.asked(PodAnnotation.UMASK, POD, "other")).isEmpty();
  }
}
