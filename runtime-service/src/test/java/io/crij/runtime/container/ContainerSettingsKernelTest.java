package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.NamespaceMode;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.oci.node.ResourceLimit;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.CpuSettings;
import io.crij.runtime.settings.DeviceSettings;
import io.crij.runtime.settings.HandlerAnnotations;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.runtime.settings.MountSettings;
import io.crij.runtime.settings.ProcessSettings;
import io.crij.runtime.settings.SeccompSettings;
import io.crij.runtime.settings.SelinuxSettings;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the node's configuration gives containers, without a restart of the service. */
@ExtendWith(LeavesNoTrace.class)
class ContainerSettingsKernelTest {
  /**
   * Containers with much memory, and with the umask that their pods' annotation does not ask for.
   */
  private static final HandlerSettings WIDE =
      new HandlerSettings(
          32 << 20,
          new HandlerAnnotations(Set.of(), Map.of("umask.crio.io", "077"), List.of(), List.of()),
          null,
          false,
          false,
          Duration.ofMinutes(1),
          null,
          true);

  @TempDir static Path imageFolder;
  private static Path layout;

  @TempDir Path folder;
  private ContainerNode node;

  @BeforeAll
  static void makeImage() throws Exception {
    layout = BusyboxImage.create(imageFolder, "{\"Env\": [\"FROM=image\"]}");
  }

  @BeforeEach
  void openNode() throws Exception {
    node = new ContainerNode(folder, layout);
  }

  @AfterEach
  void closeNode() throws Exception {
    // Null when it could not be opened.
    if (node != null) {
      node.close();
    }
  }

  @Test
  void whatTheConfigurationSaysHoldsForContainersMadeFromThenOn() throws Exception {
    Path listed = Files.writeString(folder.resolve("listed"), "of the node");
    Path mounts = folder.resolve("mounts.conf");
    Files.writeString(mounts, "# all\n%s:/run/secrets/listed\n/absent:/x\n".formatted(listed));
    Path absent = folder.resolve("absent");
    Path zone = Path.of("/usr/share/zoneinfo/Asia/Tokyo").toRealPath();
    String before = node.run(node.container("/bin/sh", "-c", SETTINGS));

    node.configure(
        new ContainerSettings(
            new ProcessSettings(
                Map.of("SITE", "here", "FROM", "configuration"),
                List.of(
                    new ResourceLimit(
                        "RLIMIT_CORE", BigInteger.valueOf(512), BigInteger.valueOf(1024))),
                Set.of("CAP_CHOWN", "CAP_KILL"),
                true,
                77,
                0,
                SelinuxSettings.OFF,
                "unconfined",
                SeccompSettings.USUAL),
            new MountSettings(true, zone, List.of(mounts), List.of(absent), Path.of("/")),
            DeviceSettings.NONE,
            List.of(),
            Map.of(),
            Map.of("runc", WIDE),
            List.of(),
            CpuSettings.NONE));
    String after = node.run(node.container("/bin/sh", "-c", SETTINGS));

    node.awaitEnd(before);
    node.awaitEnd(after);
    assertThat(node.log(before))
        .contains("CapInh:\t0000000000000000", "/ wrote", "UTC", "umask 0022");
    assertThat(String.join("\n", node.log(after)))
        .contains("here image", "umask 0077", "core 1 2", "pids 77", "JST", "of the node")
        .contains("CapInh:\t0000000000000021", "CapEff:\t0000000000000021")
        .contains("can't create /x: Read-only file system")
        .contains("can't create /run/secrets/listed: Read-only file system")
        .contains("tmp wrote")
        .doesNotContain("/ wrote");
    assertThatThrownBy(() ->
            node.create(
                node.container("true")
                    .addMounts(
                        Mount.newBuilder().setHostPath(absent.toString()).setContainerPath("/a"))))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("absent_mount_sources_to_reject");
    assertThat(absent).doesNotExist();
    assertThatThrownBy(() ->
            node.run(
                c -> c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 << 20),
                "true"))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("memory_limit_in_bytes");
  }

  @Test
  void processorsAreSharedOutAsConfigured() throws Exception {
    node.configure(
        new ContainerSettings(
            new ProcessSettings(
                Map.of(),
                List.of(),
                ProcessSettings.USUAL_CAPABILITIES,
                false,
                0,
                3,
                SelinuxSettings.OFF,
                "unconfined",
                SeccompSettings.USUAL),
            MountSettings.NONE,
            DeviceSettings.NONE,
            List.of(),
            Map.of(),
            Map.of(),
            List.of(),
            new CpuSettings("0", "")));
    String burstable = node.cgroup + "/burstable";
    node.removePod(node.pod);
    node.pod = node.runPod(NamespaceMode.POD, burstable);

    String few = node.run(node.container("/bin/sh", "-c", "echo threads $GOMAXPROCS"));
    String many = threads(resources -> resources.setCpuShares(4096));
    String limited = threads(resources -> resources.setCpuQuota(10_000).setCpuPeriod(100_000));

    for (String id : List.of(few, many, limited)) {
      node.awaitEnd(id);
    }
    assertThat(node.log(few)).containsExactly("threads 3");
    assertThat(node.log(many)).containsExactly("threads 8");
    assertThat(node.log(limited)).containsExactly("threads");
    int infra =
        List.copyOf(ControlGroups.ofNode().processes(burstable + "/" + node.pod)).getFirst();
    assertThat(Files.readAllLines(Path.of("/proc/" + infra + "/status")))
        .contains("Cpus_allowed_list:\t0");
  }

  private String threads(Consumer<LinuxContainerResources.Builder> edit) {
    return node.run(
        container -> edit.accept(container.getLinuxBuilder().getResourcesBuilder()),
        "/bin/sh",
        "-c",
        "echo threads $GOMAXPROCS");
  }

  private static final String SETTINGS =
      "echo $SITE $FROM; echo umask $(umask); echo core $(ulimit -c) $(ulimit -H -c); date +%Z; "
          + "grep -E '^Cap(Inh|Eff)' /proc/self/status; "
          + "echo pids $(cat /sys/fs/cgroup/pids/pids.max); "
          + "cat /run/secrets/listed; echo > /run/secrets/listed; "
          + "(echo > /x) && echo / wrote; (echo > /tmp/x) && echo tmp wrote";
}
