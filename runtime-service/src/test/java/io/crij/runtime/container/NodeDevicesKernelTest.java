package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.CDIDevice;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ContainerMetadata;
import io.crij.cri.v1.Device;
import io.crij.cri.v1.Int64Value;
import io.crij.cri.v1.KeyValue;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.CpuSettings;
import io.crij.runtime.settings.DeviceMapping;
import io.crij.runtime.settings.DeviceSettings;
import io.crij.runtime.settings.PodAnnotation;
import io.crij.runtime.settings.Workload;
import io.crij.runtime.settings.WorkloadResources;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Devices, hooks and processors that the node's configuration gives containers. */
@ExtendWith(LeavesNoTrace.class)
class NodeDevicesKernelTest {
  private static final Map<String, String> ANNOTATIONS =
      Map.of(
          "site/batch", "",
          "io.kubernetes.cri-o.Devices", "/dev/full:/dev/full0:r",
          "umask.crio.io", "027",
          "cpu-shared.crio.io/tuned", "enable",
          "cpu.site/tuned", "{\"cpushares\": 77}");

  @TempDir static Path imageFolder;
  private static Path layout;

  @TempDir Path folder;
  private Path specs;
  private Path hooks;
  private ContainerNode node;
  private String plainPod;

  @BeforeAll
  static void makeImage() throws Exception {
    layout = BusyboxImage.create(imageFolder, "{}");
  }

  @BeforeEach
  void openNode() throws Exception {
    specs = Files.createDirectory(folder.resolve("cdi"));
    hooks = Files.createDirectory(folder.resolve("hooks"));
    node = new ContainerNode(folder, layout);
    plainPod = node.pod;
    node.configure(settings());
    node.pod = node.runPod(ANNOTATIONS);
  }

  @AfterEach
  void closeNode() throws Exception {
    // Null when it could not be opened.
    if (node != null) {
      if (!node.pod.equals(plainPod)) {
        node.removePod(plainPod);
      }
      node.close();
    }
  }

  private ContainerSettings settings() {
    ContainerSettings usual = ContainerSettings.USUAL;
    return new ContainerSettings(
        usual.process(),
        usual.mounts(),
        new DeviceSettings(
            List.of(DeviceMapping.parse("/dev/zero:/dev/extra:r")),
            Set.of(Path.of("/dev/full")),
            true,
            List.of(folder.resolve("absent"), specs)),
        List.of(hooks),
        Map.of(),
        Map.of(),
        List.of(
            new Workload(
                "site/batch",
                "cpu.site",
                Set.of(PodAnnotation.DEVICES, PodAnnotation.UMASK, PodAnnotation.CPU_SHARED),
                new WorkloadResources(300, 0, 0, "0", 500))),
        new CpuSettings("", "1"));
  }

  private String output(Consumer<ContainerConfig.Builder> edit, String script) throws Exception {
    String id = node.run(edit, "/bin/sh", "-c", script);
    node.awaitEnd(id);
    return String.join("\n", node.log(id));
  }

  @Test
  void devicesOfTheNodeComeAsConfiguredAnnotatedAndDescribed() throws Exception {
    Path file = Files.writeString(folder.resolve("library"), "of the vendor");
    Files.writeString(
        specs.resolve("vendor.json"),
        """
        {"cdiVersion": "0.8.0", "kind": "vendor.com/thing",
         "containerEdits": {"env": ["COMMON=1"]},
         "devices": [
           {"name": "one", "containerEdits": {
             "env": ["THING=one"], "additionalGids": [4242],
             "deviceNodes": [{"path": "/dev/thing", "hostPath": "/dev/null", "fileMode": 384}],
             "mounts": [{"hostPath": "%s", "containerPath": "/etc/thing", "options": ["ro"]}],
             "hooks": [{"hookName": "createRuntime", "path": "/bin/sh",
                        "args": ["sh", "-c", "cat > %s"]}]}},
           {"name": "two", "containerEdits": {"env": ["TWO=2"]}}]}
        """
            .formatted(file, folder.resolve("state")));
    String shown =
        output(
            c -> {
              c.addCDIDevices(CDIDevice.newBuilder().setName("vendor.com/thing=one"))
                  .putAnnotations("cdi.k8s.io/x", "vendor.com/thing=two,vendor.com/thing=one")
                  .addDevices(
                      Device.newBuilder()
                          .setHostPath("/dev/random")
                          .setContainerPath("/dev/mine")
                          .setPermissions("r"));
              c.getLinuxBuilder()
                  .getSecurityContextBuilder()
                  .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                  .setRunAsGroup(Int64Value.newBuilder().setValue(1001));
            },
            "ls -ln /dev/extra /dev/full0 /dev/mine /dev/thing; id -G; umask; "
                + "echo $COMMON $THING $TWO; cat /etc/thing; head -c 2 /dev/extra | wc -c");

    assertThat(shown)
        .containsPattern("crw-rw-rw- +1 0 +0 +1, +5 .*/dev/extra")
        .containsPattern("crw-rw-rw- +1 0 +0 +1, +7 .*/dev/full0")
        .containsPattern("1 1000 +1001 +1, +8 .*/dev/mine")
        .containsPattern("crw------- +1 1000 +1001 +1, +3 .*/dev/thing")
        .containsPattern("(?m)^1001 .*4242")
        .contains("0027", "1 one 2", "of the vendor2");
    assertThat(folder.resolve("state")).content().contains("\"status\"");
  }

  @Test
  void descriptionsOfDevicesAreReadForEachContainer() throws Exception {
    assertThatThrownBy(() -> node.create(cdi("vendor.com/thing=late")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessage("CDI device vendor.com/thing=late: no file describes it");
    Files.writeString(
        specs.resolve("late.json"),
        "{\"cdiVersion\": \"1.0.0\", \"kind\": \"vendor.com/thing\", \"devices\":"
            + " [{\"name\": \"late\", \"containerEdits\": {\"env\": [\"LATE=1\"]}}]}");
    assertThat(
            output(
                c -> c.addCDIDevices(CDIDevice.newBuilder().setName("vendor.com/thing=late")),
                "echo late $LATE"))
        .isEqualTo("late 1");
    Files.writeString(
        specs.resolve("late.json"),
        "{\"cdiVersion\": \"0.7.0\", \"kind\": \"vendor.com/thing\", \"devices\":"
            + " [{\"name\": \"late\", \"containerEdits\": {\"intelRdt\": {}}}]}");
    assertThatThrownBy(() -> node.create(cdi("vendor.com/thing=late")))
        .hasMessageContaining("late.json: devices[0].containerEdits.intelRdt: not supported");
    assertThatThrownBy(() -> node.create(cdi("thing")))
        .isInstanceOf(ServiceException.InvalidArgument.class);
  }

  private ContainerConfig.Builder cdi(String name) {
    return node.container("true").addCDIDevices(CDIDevice.newBuilder().setName(name));
  }

  @Test
  void anAnnotationThatIsNotAllowedSaysNothingAndADeviceThatIsNotIsRefused() throws Exception {
    String annotated = node.pod;
    try {
      node.pod = node.runPod(Map.of("devices.crio.io", "/dev/full:/dev/full0"));
      assertThat(output(_ -> {}, "ls /dev")).contains("extra").doesNotContain("full0");
      node.removePod(node.pod);
      node.pod = node.runPod(Map.of("site/batch", "", "devices.crio.io", "/dev/zero"));
      assertThatThrownBy(() -> node.create(node.container("true")))
          .isInstanceOf(ServiceException.InvalidArgument.class)
          .hasMessageContaining("/dev/zero is none of allowed_devices");
      node.removePod(node.pod);
    } finally {
      node.pod = annotated;
    }
  }

  @Test
  void hooksRunWhoseConditionsHold() throws Exception {
    hook("all", "\"always\": true, \"annotations\": {\"^site/b\": \"^$\"}");
    hook("command", "\"commands\": [\"^/nothing$\", \".*/sh$\"]");
    hook("never", "\"always\": false");
    hook("other", "\"annotations\": {\"^site/b\": \"x\"}");
    hook("mounted", "\"hasBindMounts\": true");

    output(_ -> {}, "true");

    assertThat(folder.resolve("all")).exists();
    assertThat(folder.resolve("command")).exists();
    for (String name : List.of("never", "other", "mounted")) {
      assertThat(folder.resolve(name)).doesNotExist();
    }
    Files.writeString(hooks.resolve("wrong.json"), "{\"version\": \"1.0.0\", \"hok\": {}}");
    assertThatThrownBy(() -> node.create(node.container("true")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("wrong.json: hook: missing");
  }

  /** One that makes a file of its name. */
  private void hook(String name, String when) throws Exception {
    Files.writeString(
        hooks.resolve(name + ".json"),
        "{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/bin/touch\", \"args\": [\"touch\", \"%s\"]},"
                .formatted(folder.resolve(name))
            + " \"when\": {%s}, \"stages\": [\"createRuntime\"]}".formatted(when));
  }

  @Test
  void containersOfAWorkloadHaveItsProcessors() throws Exception {
    // A variable that only means something where we have set it.
    KeyValue forged =
        KeyValue.newBuilder()
            .setKey("OPENSHIFT_SHARED_CPUS")
            .setValue(ByteString.copyFromUtf8("1"))
            .build();
    String plain = node.run(node.container("sleep", "1000").addEnvs(forged));
    String tuned =
        node.run(
            node.container("/bin/sh", "-c", "env; sleep 1000")
                .setMetadata(ContainerMetadata.newBuilder().setName("tuned")));

    assertThat(node.setting(plain, "cpu", "cpu.shares")).isEqualTo("300");
    assertThat(node.setting(plain, "cpu", "cpu.cfs_quota_us")).isEqualTo("50000");
    assertThat(node.setting(plain, "cpuset", "cpuset.cpus")).isEqualTo("0");
    assertThat(node.setting(tuned, "cpu", "cpu.shares")).isEqualTo("77");
    assertThat(node.setting(tuned, "cpuset", "cpuset.cpus")).isEqualTo("0-1");
    node.awaitLog(tuned);
    assertThat(node.log(tuned)).contains("OPENSHIFT_SHARED_CPUS=1", "OPENSHIFT_ISOLATED_CPUS=0");
    LinuxContainerResources shown = node.status(plain).getResources().getLinux();
    assertThat(shown.getCpuShares()).isEqualTo(300);

    node.update(tuned, LinuxContainerResources.newBuilder().setCpusetCpus("0").setCpuShares(88));
    assertThat(node.setting(tuned, "cpu", "cpu.shares")).isEqualTo("88");
    assertThat(node.setting(tuned, "cpuset", "cpuset.cpus")).isEqualTo("0-1");
    node.update(plain, LinuxContainerResources.newBuilder().setCpusetCpus("0"));
    assertThat(node.setting(plain, "cpuset", "cpuset.cpus")).isEqualTo("0");
  }
}
