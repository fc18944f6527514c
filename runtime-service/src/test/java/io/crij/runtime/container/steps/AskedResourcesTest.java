package io.crij.runtime.container.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.KeyValue;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.CpuSettings;
import io.crij.runtime.settings.DeviceSettings;
import io.crij.runtime.settings.HandlerAnnotations;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.runtime.settings.MountSettings;
import io.crij.runtime.settings.PodAnnotation;
import io.crij.runtime.settings.ProcessSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What annotations of pods make of a container's resources. */
final class AskedResourcesTest {
  private static final ContainerSettings SETTINGS =
      new ContainerSettings(
          ProcessSettings.USUAL,
          MountSettings.NONE,
          DeviceSettings.NONE,
          List.of(),
          Map.of(),
          Map.of(
              "h",
              new HandlerSettings(
                  0,
                  HandlerAnnotations.USUAL.withAllowed(Set.of(PodAnnotation.UNIFIED_CGROUP)),
                  null,
                  false,
                  true,
                  HandlerSettings.USUAL.createLimit(),
                  null,
                  false)),
          List.of(),
          CpuSettings.NONE);

  private static ContainerConfig.Builder container() {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    config.getMetadataBuilder().setName("web");
    config.getLinuxBuilder().getResourcesBuilder().putUnified("memory.high", "1");
    return config;
  }

  private static Map<String, String> unified(Map<String, String> annotations, String handler) {
    return UnifiedSettings.apply(container().build(), annotations, handler, SETTINGS)
        .getLinux()
        .getResources()
        .getUnifiedMap();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unified-cgroup.crio.io/web", "io.kubernetes.cri-o.UnifiedCgroup.web"})
  void settingsOfVersionTwoAreAboveTheRequests(String annotation) {
    Map<String, String> asked = Map.of(annotation, "memory.high=max;cpu.weight=MTAwMDA=");
    assertThat(unified(asked, "h")).isEqualTo(Map.of("memory.high", "max", "cpu.weight", "10000"));
    assertThat(unified(asked, "other")).isEqualTo(Map.of("memory.high", "1"));
  }

  @Test
  void anotherContainersAreNotTaken() {
    assertThat(unified(Map.of("unified-cgroup.crio.io/db", "memory.high=max"), "h"))
        .isEqualTo(Map.of("memory.high", "1"));
    assertThatThrownBy(() -> unified(Map.of("unified-cgroup.crio.io/web", "memory.high"), "h"))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("'memory.high' is not name=value");
  }

  @ParameterizedTest
  @CsvSource({"'', '', ''", "'3-5', '', 3", "'3,7,0-1', '0-1', 0", "'2,4', '9', 2"})
  void whatIsExecutedBeginsOnTheFirstSharedProcessorOrTheFirstOfItsOwn(
      String all, String shared, String first) {
    ContainerConfig.Builder config = container();
    config.getLinuxBuilder().getResourcesBuilder().setCpusetCpus(all);
    config.addEnvs(
        KeyValue.newBuilder()
            .setKey("OPENSHIFT_SHARED_CPUS")
            .setValue(ByteString.copyFromUtf8(shared)));
    assertThat(AssignedProcessors.firstToExecute(config.build())).isEqualTo(first);
  }
}
