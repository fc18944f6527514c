package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.oci.node.ResourceLimit;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.CpuSettings;
import io.crij.runtime.settings.DeviceMapping;
import io.crij.runtime.settings.DeviceSettings;
import io.crij.runtime.settings.HandlerAnnotations;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.runtime.settings.MountSettings;
import io.crij.runtime.settings.PodAnnotation;
import io.crij.runtime.settings.ProcessSettings;
import io.crij.runtime.settings.SeccompSettings;
import io.crij.runtime.settings.SelinuxSettings;
import io.crij.runtime.settings.Workload;
import io.crij.runtime.settings.WorkloadResources;
import io.crij.server.config.given.ConfigException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of what containers and pods get. */
final class ContainerConfigTest {
  private static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void emptyFile() throws IOException {
    file = Files.createFile(folder.resolve("crij.toml"));
  }

  private static String everyKey(Path mounts) {
    return """
    [crij.runtime]
    default_env = ["A=b=c", "EMPTY="]
    default_ulimits = ["nofile=1024:2048", "core=-1"]
    default_sysctls = ["net.ipv4.ping_group_range = 0 2147483647"]
    default_capabilities = ["CHOWN", "CAP_KILL"]
    add_inheritable_capabilities = true
    pids_limit = 1000
    min_injected_gomaxprocs = 4
    read_only = true
    timezone = "Europe/Berlin"
    default_mounts_file = "%1$s"
    absent_mount_sources_to_reject = ["/etc/hostname"]
    bind_mount_prefix = "/usr"
    selinux = true
    selinux_category_range = 200
    hostnetwork_disable_selinux = false
    additional_devices = ["/dev/zero:/dev/x:rw", "/dev/full:r"]
    allowed_devices = ["/dev/null"]
    device_ownership_from_security_context = true
    cdi_spec_dirs = ["/cdi"]
    hooks_dir = ["/hooks"]
    infra_ctr_cpuset = "0"
    shared_cpuset = "1-2"
    apparmor_profile = "site"
    seccomp_profile = "%1$s"
    privileged_seccomp_profile = "%1$s"
    [crij.runtime.workloads.b]
    activation_annotation = "site/b"
    annotation_prefix = "cpu.site"
    allowed_annotations = ["shm-size.crio.io"]
    [crij.runtime.workloads.b.resources]
    cpushares = 5
    cpuquota = 2000
    cpuperiod = 10000
    cpuset = "0-1,3"
    cpulimit = 500
    [crij.runtime.workloads.a]
    activation_annotation = "site/a"
    [crij.runtime.runtimes.kata]
    runtime_path = "/opt/kata"
    container_min_memory = "12MiB"
    seccomp_profile = "%1$s"
    privileged_without_host_devices = true
    allowed_annotations = ["io.kubernetes.cri-o.Devices", "umask.crio.io"]
    default_annotations = {"umask.crio.io" = "077"}
    pod_annotations = ["site.example/*"]
    container_annotations = ["dev.gvisor.*"]
    exec_cpu_affinity = "first"
    container_create_timeout = 60
    base_runtime_spec = "%1$s"
    no_sync_log = true
    """
        .formatted(mounts);
  }

  @Test
  void everyKeyOfContainersReachesItsSetting() throws IOException {
    Path mounts = Files.createFile(folder.resolve("mounts.conf"));
    write(everyKey(mounts));

    assertThat(load().runtime().settings())
        .isEqualTo(
            new ContainerSettings(
                new ProcessSettings(
                    Map.of("A", "b=c", "EMPTY", ""),
                    List.of(
                        new ResourceLimit(
                            "RLIMIT_NOFILE", BigInteger.valueOf(1024), BigInteger.valueOf(2048)),
                        new ResourceLimit("RLIMIT_CORE", UNLIMITED, UNLIMITED)),
                    Set.of("CAP_CHOWN", "CAP_KILL"),
                    true,
                    1000,
                    4,
                    new SelinuxSettings(true, 200, true),
                    "site",
                    new SeccompSettings(mounts, mounts)),
                new MountSettings(
                    true,
                    Path.of("/usr/share/zoneinfo/Europe/Berlin").toRealPath(),
                    List.of(mounts),
                    List.of(Path.of("/etc/hostname")),
                    Path.of("/usr")),
                new DeviceSettings(
                    List.of(
                        new DeviceMapping(Path.of("/dev/zero"), Path.of("/dev/x"), "rw"),
                        new DeviceMapping(Path.of("/dev/full"), Path.of("/dev/full"), "r")),
                    Set.of(Path.of("/dev/null")),
                    true,
                    List.of(Path.of("/cdi"))),
                List.of(Path.of("/hooks")),
                Map.of("net.ipv4.ping_group_range", "0 2147483647"),
                Map.of(
                    "kata",
                    new HandlerSettings(
                        12 << 20,
                        new HandlerAnnotations(
                            Set.of(PodAnnotation.DEVICES, PodAnnotation.UMASK),
                            Map.of("umask.crio.io", "077"),
                            List.of("site.example/*"),
                            List.of("dev.gvisor.*")),
                        mounts,
                        true,
                        true,
                        Duration.ofMinutes(1),
                        mounts,
                        false)),
                List.of(
                    new Workload("site/a", "", Set.of(), WorkloadResources.NONE),
                    new Workload(
                        "site/b",
                        "cpu.site",
                        Set.of(PodAnnotation.SHM_SIZE),
                        new WorkloadResources(5, 2000, 10_000, "0-1,3", 500))),
                new CpuSettings("0", "1-2")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[crij.runtime]#default_env = ['=x']  | :2: crij.runtime.default_env: '=x' is not NAME=value",
        "[crij.runtime]#default_env = ['A=1', 'A=2'] | :2: crij.runtime.default_env: 'A' twice",
        "[crij.runtime]#default_ulimits = ['files=1'] | :2: crij.runtime.default_ulimits: 'files=1' is not name=soft:hard such as nofile=1024:2048",
        "[crij.runtime]#default_ulimits = ['core=2:1'] | :2: crij.runtime.default_ulimits: 'core=2:1' is more than its hard limit",
        "[crij.runtime]#default_sysctls = ['kernel.sysrq=1'] | :2: crij.runtime.default_sysctls: 'kernel.sysrq=1': linux.sysctls: kernel.sysrq does not belong to a namespace of a pod",
        "[crij.runtime]#default_sysctls = ['kernel.sem'] | :2: crij.runtime.default_sysctls: 'kernel.sem' is not name=value",
        "[crij.runtime]#default_capabilities = ['ALL'] | :2: crij.runtime.default_capabilities: 'ALL' is no capability",
        "[crij.runtime]#pids_limit = 0        | :2: crij.runtime.pids_limit: 0 is neither -1 nor positive",
        "[crij.runtime]#timezone = '../x'     | :2: crij.runtime.timezone: '../x' is neither Local nor the name of a zone",
        "[crij.runtime]#timezone = 'Moon/Sea' | :2: crij.runtime.timezone: this node knows no zone 'Moon/Sea'",
        "[crij.runtime]#default_mounts_file = '/no/such' | :2: crij.runtime.default_mounts_file: no such file: /no/such",
        "[crij.runtime]#bind_mount_prefix = '/no/such' | :2: crij.runtime.bind_mount_prefix: no such folder: /no/such",
        "[crij.runtime.runtimes.runc]#pod_annotations = ['*'] | :2: crij.runtime.runtimes.runc.pod_annotations: '*' is not a key such as dev.gvisor.* or site.example/*",
        "[crij.runtime.runtimes.runc]#default_annotations = {a = 1} | :2: crij.runtime.runtimes.runc.default_annotations.a: expected a string, found an integer",
        "[crij.runtime.runtimes.runc]#exec_cpu_affinity = 'all' | :2: crij.runtime.runtimes.runc.exec_cpu_affinity: neither empty nor first",
        "[crij.runtime.runtimes.runc]#container_create_timeout = 20 | :2: crij.runtime.runtimes.runc.container_create_timeout: 20 is not between 30 and 240",
        "[crij.runtime.runtimes.x]#inherit_default_runtime = true | :1: crij.runtime.runtimes.x.inherit_default_runtime: crij.runtime.default_runtime names none that it could inherit",
        "[crij.runtime]#monitor_cgroup = 'pod' | :2: crij.runtime.monitor_cgroup: 'pod': one monitor serves all pods of the node",
        "[crij.runtime]#read_only = 'yes'     | :2: crij.runtime.read_only: expected a boolean, found a string",
        "[crij.runtime]#min_injected_gomaxprocs = -1 | :2: crij.runtime.min_injected_gomaxprocs: -1 is not within 0 to 65536",
        "[crij.runtime]#additional_devices = ['/dev/full:/etc/x'] | :2: crij.runtime.additional_devices: '/dev/full:/etc/x' is not below /dev in the container",
        "[crij.runtime]#additional_devices = ['/dev/zero:/dev/x:q'] | :2: crij.runtime.additional_devices: '/dev/zero:/dev/x:q' is not host:container:permissions",
        "[crij.runtime]#additional_devices = ['/dev/absent'] | :2: crij.runtime.additional_devices: no device /dev/absent",
        "[crij.runtime]#allowed_devices = ['fuse'] | :2: crij.runtime.allowed_devices: not an absolute path: 'fuse'",
        "[crij.runtime]#shared_cpuset = '0,'  | :2: crij.runtime.shared_cpuset: '0,' is no list such as 0-3,8",
        "[crij.runtime]#apparmor_profile = '' | :2: crij.runtime.apparmor_profile: is empty",
        "[crij.runtime]#seccomp_profile = '/no/such' | :2: crij.runtime.seccomp_profile: no such file: /no/such",
        "[crij.runtime.runtimes.runc]#seccomp_profile = 'x' | :2: crij.runtime.runtimes.runc.seccomp_profile: not an absolute path: 'x'",
        "[crij.runtime]#hooks_dir = 'x'       | :2: crij.runtime.hooks_dir: expected an array of strings, found a string",
        "[crij.runtime.workloads.a]#cpuset = '0' | :2: crij.runtime.workloads.a.cpuset: unknown key",
        "[crij.runtime.workloads.a.resources]#cpuset = '0' | :1: crij.runtime.workloads.a.activation_annotation: missing",
        "[crij.runtime.workloads.a]#activation_annotation = 'x'#resources.cpuperiod = 10 | :3: crij.runtime.workloads.a.resources.cpuperiod: 10 is not at least 1000",
        "[crij.runtime.workloads.a]#activation_annotation = 'x'#allowed_annotations = ['y'] | :3: crij.runtime.workloads.a.allowed_annotations: 'y' is none of devices.crio.io, io.kubernetes.cri-o.Devices, shm-size.crio.io, io.kubernetes.cri-o.ShmSize, umask.crio.io, io.kubernetes.cri-o.umask, cpu-shared.crio.io, cgroup2-mount-hierarchy-rw.crio.io, io.kubernetes.cri-o.cgroup2-mount-hierarchy-rw, unified-cgroup.crio.io, io.kubernetes.cri-o.UnifiedCgroup, try-skip-volume-selinux-label.crio.io, io.kubernetes.cri-o.TrySkipVolumeSELinuxLabel",
        "[crij.runtime]#selinux_category_range = 1 | :2: crij.runtime.selinux_category_range: 1 is not within 2 to 1024",
        "[crij.runtime.runtimes.runc]#container_min_memory = '6 apples' | :2: crij.runtime.runtimes.runc.container_min_memory: '6 apples' is no size such as 500KiB or 12MiB",
      })
  void aMistakeIsNamedByFileLineKeyAndReason(String content, String message) throws IOException {
    write(content.replace('#', '\n'));

    assertThatThrownBy(this::load).isInstanceOf(ConfigException.class).hasMessage(file + message);
  }

  private ServerConfig load() {
    return ServerConfig.load(new CommandLine.Run(file, Map.of()), Map.of(), Path.of("/opt/crij"));
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
  }
}
