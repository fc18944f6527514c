package io.crij.runtime.oci.spec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.HugepageLimit;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.SELinuxOption;
import io.crij.cri.v1.SecurityProfile;
import io.crij.cri.v1.SecurityProfile.ProfileType;
import io.crij.image.manifest.ImageConfig;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.TestConfig;
import io.crij.runtime.cdi.Edits;
import io.crij.runtime.oci.HandlerFeatures;
import io.crij.runtime.oci.apparmor.AppArmor;
import io.crij.runtime.oci.mounts.PodFiles;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.SelinuxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a request says of things that not every node has: SELinux, AppArmor, controllers. Nodes are
 * folders with files as in {@code /proc} and {@code /sys}.
 */
class NodeFeaturesTest {
  private static final Path TABLE = Path.of("../docs/cri.md");
  private static final long LIMIT = 64L << 20;

  @TempDir Path root;

  private ContainerSettings settings = ContainerSettings.USUAL;

  @BeforeEach
  void aBareNode() throws Exception {
    write("proc/self/status", "CapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n");
    write("proc/sys/kernel/cap_last_cap", "40\n");
    write("proc/self/oom_score_adj", "0\n");
    write("proc/self/limits", "Max open files            1024                 4096      files\n");
    write("proc/1/limits", "Max open files            1024                 4096      files\n");
    write("sys/fs/cgroup/memory/cgroup.procs", "");
    Files.createDirectories(root.resolve("sys/kernel/mm/hugepages/hugepages-2048kB"));
  }

  private void write(String file, String text) throws Exception {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private ObjectNode spec(ContainerConfig.Builder config) {
    return ContainerSpec.of(
        new SpecInput(
            config.build(),
            new ImageConfig(
                "", List.of(), List.of("/entry"), List.of(), "", Map.of(), Set.of(), ""),
            new PodContext(
                "web-0",
                root.resolve("net"),
                null,
                null,
                null,
                true,
                false,
                null,
                new PodFiles(root, root, root, root),
                Map.of()),
            root,
            "/kubepods/pod1/c",
            new ContainerIdentity(0, 0, List.of()),
            "/",
            new HandlerFeatures(false, false),
            NodeFacts.read(root),
            new AppArmor(root),
            settings,
            "runc",
            Edits.NONE));
  }

  private static ContainerConfig.Builder labelled() {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    config
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setSelinuxOptions(
            SELinuxOption.newBuilder()
                .setUser("system_u")
                .setRole("system_r")
                .setType("container_t")
                .setLevel("s0:c1,c2"));
    return config;
  }

  private static ContainerConfig.Builder unlabelled() {
    ContainerConfig.Builder config = labelled();
    config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
    return config;
  }

  private static ContainerConfig.Builder relabelled(String source) {
    return labelled()
        .addMounts(
            Mount.newBuilder()
                .setHostPath(source)
                .setContainerPath("/node")
                .setSelinuxRelabel(true));
  }

  private static ContainerConfig.Builder confined() {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    config
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setApparmor(
            SecurityProfile.newBuilder()
                .setProfileType(ProfileType.Localhost)
                .setLocalhostRef("localhost/own"));
    return config;
  }

  private static ContainerConfig.Builder limited() {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    config
        .getLinuxBuilder()
        .getResourcesBuilder()
        .setMemoryLimitInBytes(LIMIT)
        .setMemorySwapLimitInBytes(2 * LIMIT)
        .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 << 20));
    return config;
  }

  private static ContainerConfig.Builder unified() {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    config.getLinuxBuilder().getResourcesBuilder().putUnified("memory.high", "1000000");
    return config;
  }

  @Test
  void whatThisNodeHasNotIsAcceptedWithoutEffectOrRefused() {
    assertThat(spec(labelled()).at("/process/selinuxLabel").isMissingNode()).isTrue();
    assertThat(spec(labelled()).at("/linux/mountLabel").isMissingNode()).isTrue();
    assertThat(spec(relabelled("/etc")).at("/mounts").toString()).contains("/node");
    assertThatThrownBy(() -> spec(confined()))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("linux.security_context.apparmor");
    assertThat(spec(limited()).at("/linux/resources/hugepageLimits").isMissingNode()).isTrue();
    assertThat(spec(limited()).at("/linux/resources/memory").toString())
        .isEqualTo("{\"limit\":" + LIMIT + "}");
    assertThatThrownBy(() -> spec(unified()))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("unified");
  }

  @Test
  void selinux() throws Exception {
    write("sys/fs/selinux/enforce", "1");
    settings = TestConfig.settings(new SelinuxSettings(true, SelinuxSettings.ALL_CATEGORIES, true));
    assertThat(spec(labelled()).at("/process/selinuxLabel").asString())
        .isEqualTo("system_u:system_r:container_t:s0:c1,c2");
    assertThat(spec(labelled()).at("/linux/mountLabel").asString())
        .isEqualTo("system_u:object_r:container_file_t:s0:c1,c2");
    assertThatThrownBy(() -> spec(relabelled("/etc")))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("selinux_relabel of /etc");
    Path volume = Files.createDirectory(root.resolve("volume"));
    assertThat(spec(relabelled(volume.toString())).at("/mounts").toString()).contains("/node");
    try (Tree tree = Tree.open(volume)) {
      assertThat(new String(label(tree), UTF_8))
          .isEqualTo("system_u:object_r:container_file_t:s0:c1,c2");
    }
    assertThat(spec(unlabelled()).at("/process/selinuxLabel").isMissingNode()).isTrue();
    settings = ContainerSettings.USUAL;
    assertThat(spec(labelled()).at("/process/selinuxLabel").isMissingNode()).isTrue();
    assertThat(spec(relabelled("/etc")).at("/mounts").toString()).contains("/node");
  }

  private static byte[] label(Tree tree) {
    return Objects.requireNonNull(tree.root().xattrs().get("security.selinux"));
  }

  @Test
  void apparmor() throws Exception {
    write("sys/module/apparmor/parameters/enabled", "N\n");
    assertThatThrownBy(() -> spec(confined())).isInstanceOf(InvalidArgument.class);
    write("sys/module/apparmor/parameters/enabled", "Y\n");
    write("sys/kernel/security/apparmor/profiles", "own (enforce)\n");
    assertThat(spec(confined()).at("/process/apparmorProfile").asString()).isEqualTo("own");
  }

  @Test
  void controllers() throws Exception {
    write("sys/fs/cgroup/hugetlb/cgroup.procs", "");
    write("sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "0");
    assertThat(spec(limited()).at("/linux/resources/hugepageLimits").toString())
        .isEqualTo("[{\"pageSize\":\"2MB\",\"limit\":4194304}]");
    assertThat(spec(limited()).at("/linux/resources/memory/swap").asLong()).isEqualTo(2 * LIMIT);
    write("sys/fs/cgroup/cgroup.controllers", "cpu memory");
    assertThat(spec(unified()).at("/linux/resources/unified/memory.high").asString())
        .isEqualTo("1000000");
    assertThat(spec(limited()).at("/linux/resources/hugepageLimits").isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELinuxOption.user",
        "LinuxContainerSecurityContext.selinux_options",
        "LinuxSandboxSecurityContext.selinux_options",
        "Mount.selinux_relabel",
        "LinuxContainerSecurityContext.apparmor",
        "LinuxContainerResources.hugepage_limits",
        "LinuxContainerResources.memory_swap_limit_in_bytes",
      })
  void theTableOfFieldsSaysSo(String field) throws Exception {
    try (Stream<String> lines = Files.lines(TABLE)) {
      assertThat(lines.filter(line -> line.startsWith("| `" + field + "` |")))
          .singleElement()
          .asString()
          .containsIgnoringCase("where the node ");
    }
  }

  /** It is there but cannot be read where AppArmor was built in and is off. */
  private static boolean canBeRead(Path file) {
    try {
      return !Files.readString(file).isEmpty();
    } catch (IOException _) {
      return false;
    }
  }

  /** Told by files that the detection does not read. */
  @Test
  void thisVeryNodeIsSeenRight() throws Exception {
    NodeFacts node = NodeFacts.read();
    String fileSystems = Files.readString(Path.of("/proc/filesystems"));
    assertThat(node.selinux() != null)
        .isEqualTo(
            fileSystems.contains("selinuxfs") && Files.exists(Path.of("/sys/fs/selinux/status")));
    assertThat(AppArmor.ofNode().isEnabled())
        .isEqualTo(canBeRead(Path.of("/proc/self/attr/apparmor/current")));
    String mounts = Files.readString(Path.of("/proc/self/mounts"));
    assertThat(node.cgroups().has("hugetlb"))
        .isEqualTo(
            node.cgroups().unified()
                ? Files.readString(Path.of("/proc/cgroups")).contains("hugetlb")
                : mounts.lines().anyMatch(line -> line.matches(".* cgroup .*\\bhugetlb\\b.*")));
  }
}
