package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.Capability;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Int64Value;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.SecurityProfile;
import io.crij.cri.v1.SecurityProfile.ProfileType;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container sees and may do. */
@ExtendWith(LeavesNoTrace.class)
class ContainerEffectsKernelTest {
  @TempDir static Path imageFolder;
  private static Path layout;

  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeAll
  static void makeImage() throws Exception {
    layout =
        BusyboxImage.create(
            imageFolder, "{\"Env\": [\"FROM=image\"], \"Labels\": {\"run.oci.x\": \"y\"}}");
  }

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, layout));
  }

  private static Consumer<ContainerConfig.Builder> security(
      Consumer<LinuxContainerSecurityContext.Builder> edit) {
    return config -> edit.accept(config.getLinuxBuilder().getSecurityContextBuilder());
  }

  /** What the script writes to its standard output and error. */
  private String output(Consumer<ContainerConfig.Builder> edit, String script) throws Exception {
    String id = node.run(edit, "/bin/sh", "-c", script);
    node.awaitEnd(id);
    return String.join("\n", node.log(id));
  }

  @Test
  void aContainerHasNoMoreRightsThanTheDefaults() throws Exception {
    String output =
        output(
            _ -> {},
            "grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status; "
                + "wc -c < /proc/timer_list; ls /sys/firmware | wc -l; "
                + "echo 1 > /proc/sys/kernel/panic; touch /sys/x; "
                + "cat /proc/sysrq-trigger; ls /dev; ls /proc/self/fd");

    assertThat(output)
        .contains("CapInh:\t0000000000000000")
        .contains("CapEff:\t00000000000005fb")
        .contains("CapBnd:\t00000000000005fb")
        .contains("CapAmb:\t0000000000000000")
        .contains("NoNewPrivs:\t0")
        .contains("/proc/sys/kernel/panic: Read-only file system")
        .contains("/sys/x: Read-only file system")
        .contains("\n0\n0\n")
        .contains("null")
        .doesNotContain("vda", "mem\n");
  }

  @Test
  void theDefaultSeccompProfileRefusesWhatContainersDoNotNeed() throws Exception {
    String script =
        "grep Seccomp: /proc/self/status; hostname x; mount -t tmpfs none /tmp && echo mounted";
    String confined =
        output(
            security(s ->
                s.setCapabilities(Capability.newBuilder().addAddCapabilities("SYS_ADMIN"))
                    .setSeccomp(profile(ProfileType.RuntimeDefault))),
            script);
    assertThat(confined).contains("Seccomp:\t2", "mounted");

    String without =
        output(security(s -> s.setSeccomp(profile(ProfileType.RuntimeDefault))), script);
    assertThat(without)
        .contains("Seccomp:\t2", "Operation not permitted")
        .doesNotContain("mounted");

    assertThat(output(_ -> {}, script)).contains("Seccomp:\t0");
  }

  private static SecurityProfile profile(ProfileType type) {
    return SecurityProfile.newBuilder().setProfileType(type).build();
  }

  /**
   * System calls that the kernel lets a process without capabilities make, or refuses for another
   * reason: with the profile each is EPERM (1), or ENOSYS (38) for what has an older substitute.
   */
  @Test
  @EnabledOnOs(architectures = "amd64", disabledReason = "the numbers are those of x86-64")
  void systemCallsOutsideTheDefaultProfileAreRefused() throws Exception {
    String script =
        "perl -e 'for (@ARGV) { $! = 0; my $r = syscall($_, -1, -1, -1, -1, -1);"
            + " print \"$_:\", $r < 0 ? $!+0 : \"made\", \" \" }'"
            // keyctl add_key request_key unshare userfaultfd io_uring_setup clone3
            + " 250 248 249 272 323 425 435";
    String unconfined = output(ContainerEffectsKernelTest::withPerl, script);
    String confined =
        output(
            c -> {
              withPerl(c);
              security(s -> s.setSeccomp(profile(ProfileType.RuntimeDefault))).accept(c);
            },
            script);

    // runc says ENOSYS also of calls that are newer than all that the profile names.
    assertThat(confined.strip()).matches("250:1 248:1 249:1 272:1 323:1 425:(1|38) 435:38");
    for (String refused : confined.strip().split(" ", -1)) {
      assertThat(unconfined).as("it is the profile that refuses").doesNotContain(refused + " ");
    }
  }

  /** The node's, read-only. */
  private static void withPerl(ContainerConfig.Builder container) {
    for (String folder : List.of("/usr", "/lib", "/lib64")) {
      container.addMounts(
          Mount.newBuilder().setHostPath(folder).setContainerPath(folder).setReadonly(true));
    }
  }

  @Test
  void aPrivilegedContainerSeesTheNodesDevicesAndMayWrite() throws Exception {
    String output =
        output(
            security(s -> s.setPrivileged(true)),
            "grep CapEff /proc/self/status; ls /dev; touch /sys/fs/cgroup/x; mkdir /tmp/m; "
                + "mount -t tmpfs none /tmp/m && echo mounted; head -c 1 /dev/zero | wc -c");

    assertThat(output).contains("vda", "mounted", "\n1").doesNotContain("Read-only");
  }

  @Test
  void flagsOfTheSecurityContextHaveTheirEffect() throws Exception {
    String output =
        output(
            security(s ->
                s.setReadonlyRootfs(true)
                    .setNoNewPrivs(true)
                    .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                    .setCapabilities(Capability.newBuilder().addDropCapabilities("ALL"))
                    .addMaskedPaths("/etc/passwd")
                    .addReadonlyPaths("/dev/mqueue")),
            "touch /tmp/x; touch /etc/hosts; grep -E 'NoNewPrivs|CapBnd' /proc/self/status; id; "
                + "wc -c < /etc/passwd; touch /dev/mqueue/x");

    assertThat(output)
        .contains("/tmp/x: Read-only file system")
        .contains("NoNewPrivs:\t1", "CapBnd:\t0000000000000000", "uid=1000 gid=1000")
        .containsPattern("(?m)^0$")
        .contains("/dev/mqueue/x: Read-only file system");
  }

  @Test
  void aGroupThatIsDeniedIsNotEvadedBySupplementalGroups() throws Exception {
    Path denied = Files.createFile(folder.resolve("denied"));
    Files.writeString(denied, "secret");
    Files.setAttribute(denied, "unix:gid", 1000);
    Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString("rwx---rwx"));

    String output =
        output(
            c -> {
              c.addMounts(mount(denied, "/denied"));
              c.getLinuxBuilder()
                  .getSecurityContextBuilder()
                  .setRunAsUsername("app")
                  .addSupplementalGroups(5);
            },
            "cat /denied");

    assertThat(output).contains("Permission denied");
  }

  private static Mount.Builder mount(Path host, String inside) {
    return Mount.newBuilder().setHostPath(host.toString()).setContainerPath(inside);
  }

  @Test
  void mountsEnvironmentAndDirectoryAreAsAsked() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    String output =
        output(
            c ->
                c.addMounts(mount(data, "/rw"))
                    .addMounts(mount(data, "/ro").setReadonly(true))
                    .addMounts(mount(data, "/noexec").addMountOptions("noexec"))
                    .setWorkingDir("/made/for/me")
                    .addEnvs(
                        io.crij.cri.v1.KeyValue.newBuilder()
                            .setKey("TEXT")
                            .setValue(com.google.protobuf.ByteString.copyFromUtf8("ä\t$HOME"))),
            "touch /rw/x; touch /ro/y; ls /noexec; pwd; echo \"$TEXT $FROM $HOME\"; "
                + "grep ' /noexec ' /proc/self/mounts");

    assertThat(data.resolve("x")).exists();
    assertThat(output)
        .contains("/ro/y: Read-only file system", "\nx\n", "/made/for/me", "ä\t$HOME image /root")
        .containsPattern("/noexec [a-z0-9]+ [a-z,]*noexec");
  }

  @Test
  void limitsAreWrittenToTheCgroupBelowThePods() throws Exception {
    String id =
        node.run(
            c ->
                c.getLinuxBuilder()
                    .getResourcesBuilder()
                    .setMemoryLimitInBytes(64 << 20)
                    .setCpuShares(300)
                    .setCpuPeriod(100_000)
                    .setCpuQuota(40_000)
                    .setCpusetCpus("0")
                    .setOomScoreAdj(500),
            "sleep",
            "1000");
    Path cgroups = Path.of("/sys/fs/cgroup");
    String path = node.cgroup.substring(1) + "/" + id;

    assertThat(cgroups.resolve("memory").resolve(path).resolve("memory.limit_in_bytes"))
        .hasContent("67108864");
    assertThat(cgroups.resolve("cpu").resolve(path).resolve("cpu.shares")).hasContent("300");
    assertThat(cgroups.resolve("cpu").resolve(path).resolve("cpu.cfs_quota_us"))
        .hasContent("40000");
    assertThat(cgroups.resolve("cpuset").resolve(path).resolve("cpuset.cpus")).hasContent("0");
    String exec =
        node.exec(id, 60, "sh", "-c", "cat /proc/self/oom_score_adj /proc/self/cgroup; ulimit -n")
            .getStdout()
            .toStringUtf8();
    String openFiles =
        Files.readAllLines(Path.of("/proc/1/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .map(line -> line.split("\\s+")[3])
            .findFirst()
            .orElseThrow();
    assertThat(exec).startsWith("500\n").contains("/" + path).contains(id);
    assertThat(Long.parseLong(exec.lines().toList().getLast()))
        .isLessThanOrEqualTo(Long.parseLong(openFiles));
    assertThat(node.status(id).getResources().getLinux().getCpuShares()).isEqualTo(300);
  }

  @Test
  void processesAreSharedAsAsked() throws Exception {
    String target = node.run(node.container("sleep", "4321"));
    NamespaceOption.Builder options =
        NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.NODE)
            .setPid(NamespaceMode.TARGET)
            .setTargetId(target);

    assertThat(output(security(s -> s.setNamespaceOptions(options)), "ps")).contains("sleep 4321");
    assertThat(output(_ -> {}, "ps")).doesNotContain("sleep 4321");
    options.setPid(NamespaceMode.NODE).clearTargetId();
    assertThat(
            output(
                security(s -> s.setNamespaceOptions(options)),
                "test -d /proc/" + ProcessHandle.current().pid() + " && echo seen"))
        .isEqualTo("seen");
    options.setPid(NamespaceMode.TARGET).setTargetId("f".repeat(64));
    assertThatThrownBy(() -> node.create(node.container("true").setLinux(linux(options))))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("target_id");
  }

  private static io.crij.cri.v1.LinuxContainerConfig.Builder linux(
      NamespaceOption.Builder options) {
    return io.crij.cri.v1.LinuxContainerConfig.newBuilder()
        .setSecurityContext(
            LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(options));
  }

  @Test
  void processesWithoutANamespaceOfTheirOwnEndWithTheContainer() throws Exception {
    NamespaceOption.Builder options =
        NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).setPid(NamespaceMode.NODE);
    String id =
        node.run(
            security(s -> s.setNamespaceOptions(options)),
            "/bin/sh",
            "-c",
            "sleep 98765 & sleep 98765");

    node.stop(id, 1);

    await(() -> !runs("98765"));
    node.remove(id);

    String ended =
        node.run(
            security(s -> s.setNamespaceOptions(options)), "/bin/sh", "-c", "sleep 98764 & exit 3");
    assertThat(node.awaitEnd(ended).getExitCode()).isEqualTo(3);
    assertThat(runs("98764")).isTrue();

    node.stop(ended, 1);

    assertThat(runs("98764")).isFalse();
    node.remove(ended);
  }

  private static boolean runs(String argument) {
    return ProcessHandle.allProcesses()
        .anyMatch(p -> p.info().commandLine().orElse("").contains(argument));
  }

  @Test
  void tenantsDataNeverSteersTheRuntime() throws Exception {
    String id =
        node.run(
            c ->
                c.putAnnotations("run.oci.hooks.stderr", "/tmp/canary")
                    .putAnnotations("org.systemd.property.CollectMode", "'inactive'")
                    .putLabels("io.kubernetes.cri.container-type", "sandbox"),
            "sleep",
            "1000");

    assertThat(node.config.runroot().resolve("containers").resolve(id).resolve("config.json"))
        .content()
        .doesNotContain("annotations", "run.oci", "systemd", "io.kubernetes");
    assertThat(node.status(id).getAnnotationsMap()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../x.log", "a/../../x.log", "", "..", "a/b\0c", "./"})
  void aLogOutsideItsFolderIsRefused(String path) throws Exception {
    ContainerConfig.Builder container = node.container("true").setLogPath(path);
    if (path.isEmpty()) {
      String id = node.run(container);
      assertThat(node.awaitEnd(id).getLogPath()).isEmpty();
      return;
    }
    assertThatThrownBy(() -> node.create(container))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("log_path");
  }

  @Test
  void aLogThatIsNoRegularFileIsNotWrittenTo() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "untouched");
    Files.createSymbolicLink(node.logs.resolve("link.log"), victim);
    Files.createSymbolicLink(node.logs.resolve("folder"), folder);
    new ProcessBuilder("mkfifo", node.logs.resolve("fifo.log").toString()).start().waitFor();

    for (String path : List.of("link.log", "fifo.log")) {
      assertThatThrownBy(() -> node.create(node.container("echo", "x").setLogPath(path)))
          .isInstanceOf(ServiceException.class);
    }
    assertThatThrownBy(() -> node.create(node.container("echo", "x").setLogPath("folder/victim")))
        .isInstanceOf(ServiceException.class);
    assertThat(victim).hasContent("untouched");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/self/fd/7", "/proc/self/fd/8/../..", "/proc/1/cwd"})
  void aWorkingDirectoryOfTheNodeIsRefused(String path) {
    assertThatThrownBy(() -> node.create(node.container("pwd").setWorkingDir(path)))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("working_dir");
  }
}
