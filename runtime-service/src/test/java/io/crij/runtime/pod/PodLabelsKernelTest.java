package io.crij.runtime.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.TestConfig;
import io.crij.runtime.oci.node.SelinuxPolicy;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.SelinuxSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Labels of pods, on a node that is told to have SELinux. */
@ExtendWith(LeavesNoTrace.class)
class PodLabelsKernelTest {
  @TempDir Path folder;
  private PodNode node;

  @BeforeEach
  void aNodeWithSelinux() throws Exception {
    node = new PodNode(folder);
    node.useFake("1.0.0");
    node.selinux =
        new SelinuxPolicy(
            "system_u:system_r:container_t:s0", "system_u:object_r:container_file_t:s0");
    node.restart();
    node.config.apply(TestConfig.with(node.config.get(), labelled()));
  }

  @AfterEach
  void end() throws Exception {
    node.list().forEach(pod -> node.remove(pod.getId()));
    node.end();
  }

  private static ContainerSettings labelled() {
    return TestConfig.settings(new SelinuxSettings(true, 3, false));
  }

  /** Whose files have no label: a kernel without SELinux takes none. */
  private static PodSandboxConfig.Builder unseparated(String name) {
    PodSandboxConfig.Builder pod = PodNode.pod(name);
    pod.getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setPid(NamespaceMode.NODE);
    return pod;
  }

  private String level(String id) {
    return node.sandboxes.get(id).label().getLevel();
  }

  @Test
  void noTwoPodsHaveTheSameCategoriesAlsoAfterARestart() {
    String one = node.run(unseparated("one"));
    String two = node.run(unseparated("two"));
    String first = level(one);
    node.restart();
    node.config.apply(TestConfig.with(node.config.get(), labelled()));
    String three = node.run(unseparated("three"));

    assertThat(level(one)).isEqualTo(first);
    assertThat(new String[] {first, level(two), level(three)})
        .containsExactlyInAnyOrder("s0:c0,c1", "s0:c0,c2", "s0:c1,c2");
    assertThatThrownBy(() -> node.run(unseparated("four"))).hasMessageContaining("categories");

    node.remove(two);
    assertThat(level(node.run(unseparated("five")))).doesNotContain(level(one), level(three));
  }

  @Test
  void theFilesOfAPodAreMountedWithItsLabel() {
    assertThatThrownBy(() -> node.run(PodNode.pod("web")))
        .hasMessageContaining("context=system_u:object_r:container_file_t:s0:c");
    assertThat(node.list()).isEmpty();
  }
}
