package io.crij.runtime.selinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.SELinuxOption;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.SelinuxPolicy;
import io.crij.runtime.settings.SelinuxSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes are folders with files as in {@code /sys} and {@code /etc}. */
class SelinuxTest {
  private static final SELinuxOption NOTHING = SELinuxOption.getDefaultInstance();
  private static final SelinuxSettings SETTINGS = new SelinuxSettings(true, 1024, true);

  @TempDir Path root;

  private void write(String file, String text) throws Exception {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @BeforeEach
  void aNodeWithSelinux() throws Exception {
    write("sys/fs/selinux/enforce", "1");
  }

  private Selinux selinux() {
    return Objects.requireNonNull(Selinux.of(SelinuxPolicy.read(root), SETTINGS));
  }

  private static LinuxContainerSecurityContext.Builder container(SELinuxOption label) {
    return LinuxContainerSecurityContext.newBuilder().setSelinuxOptions(label);
  }

  private static String process(LinuxContainerSecurityContext.Builder security) {
    return Selinux.ofProcesses(security.build(), SETTINGS);
  }

  @Test
  void aNodeWithoutItHasNone() throws Exception {
    Files.delete(root.resolve("sys/fs/selinux/enforce"));
    assertThat(SelinuxPolicy.read(root)).isNull();
  }

  @Test
  void eachPodHasCategoriesOfItsOwn() {
    Set<String> levels = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      SELinuxOption pod = selinux().ofPod(NOTHING, new SelinuxSettings(true, 25, true), levels);
      assertThat(process(container(pod)))
          .matches("system_u:system_r:container_t:s0:c\\d+,c\\d+")
          .endsWith(pod.getLevel());
      assertThat(levels.add(pod.getLevel())).isTrue();
    }
    // 25 of which two are chosen: that were all.
    assertThatThrownBy(() -> selinux().ofPod(NOTHING, new SelinuxSettings(true, 25, true), levels))
        .isInstanceOf(ServiceException.ResourceExhausted.class)
        .hasMessageContaining("25 categories");
  }

  @Test
  void thePolicySaysWhichLabelsContainersHave() throws Exception {
    write("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=site\n");
    write(
        "etc/selinux/site/contexts/lxc_contexts",
        "process = \"u:r:site_t:s1\"\nfile = \"u:object_r:site_file_t:s1\"\n");
    SELinuxOption pod = selinux().ofPod(NOTHING, SETTINGS, Set.of());

    assertThat(process(container(pod))).startsWith("u:r:site_t:s1:c");
    assertThat(selinux().ofFiles(container(pod).build()))
        .isEqualTo("u:object_r:site_file_t:" + pod.getLevel());
    assertThat(selinux().ofFiles(NamespaceOption.getDefaultInstance(), pod))
        .isEqualTo(selinux().ofFiles(container(pod).build()));
  }

  @Test
  void whatIsAskedForIsTakenAndTheRestIsThePods() {
    SELinuxOption pod =
        selinux()
            .ofPod(SELinuxOption.newBuilder().setLevel("s0:c7,c8").build(), SETTINGS, Set.of());
    assertThat(process(container(pod))).isEqualTo("system_u:system_r:container_t:s0:c7,c8");

    SELinuxOption typed = SELinuxOption.newBuilder().setType("container_init_t").build();
    assertThat(process(container(Selinux.ofContainer(pod, typed))))
        .isEqualTo("system_u:system_r:container_init_t:s0:c7,c8");
    assertThat(Selinux.ofContainer(NOTHING, typed)).isEqualTo(typed);
    assertThat(process(container(typed))).isEmpty();
  }

  @Test
  void whoIsNotSeparatedHasNoLabel() {
    SELinuxOption pod = selinux().ofPod(NOTHING, SETTINGS, Set.of());
    NamespaceOption nodesPid = NamespaceOption.newBuilder().setPid(NamespaceMode.NODE).build();
    NamespaceOption nodesIpc = NamespaceOption.newBuilder().setIpc(NamespaceMode.NODE).build();
    NamespaceOption nodesNetwork =
        NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).build();

    assertThat(process(container(pod).setPrivileged(true))).isEmpty();
    assertThat(process(container(pod).setNamespaceOptions(nodesPid))).isEmpty();
    assertThat(process(container(pod).setNamespaceOptions(nodesIpc))).isEmpty();
    assertThat(selinux().ofFiles(container(pod).setNamespaceOptions(nodesPid).build())).isEmpty();
    assertThat(selinux().ofFiles(nodesIpc, pod)).isEmpty();

    LinuxContainerSecurityContext.Builder host = container(pod).setNamespaceOptions(nodesNetwork);
    assertThat(process(host)).isNotEmpty();
    assertThat(Selinux.ofProcesses(host.build(), SelinuxSettings.OFF)).isEmpty();
    assertThat(selinux().ofFiles(host.build())).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a b", "a,b", "a\"", "a\n", "", "ü"})
  void noPartOfALabelIsMoreThanAPart(String text) {
    SELinuxOption asked = SELinuxOption.newBuilder().setType("t" + text).build();
    if (text.isEmpty()) {
      assertThat(selinux().ofPod(asked, SETTINGS, Set.of()).getType()).isEqualTo("t");
      return;
    }
    assertThatThrownBy(() -> selinux().ofPod(asked, SETTINGS, Set.of()))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("selinux_options.type");
  }

  @Test
  void forAContainerThatNothingConfinesNothingIsRelabelled() {
    SELinuxOption unconfined = SELinuxOption.newBuilder().setType("spc_t").build();
    SELinuxOption pod = selinux().ofPod(unconfined, SETTINGS, Set.of());
    assertThat(selinux().relabelling(container(pod).build(), false)).isSameAs(Relabelling.NONE);
  }
}
