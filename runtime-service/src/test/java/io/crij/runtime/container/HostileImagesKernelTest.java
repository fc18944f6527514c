package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.BusyboxImage.RootEdit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that mean harm to the node that runs them: a canary of the node tells. */
@ExtendWith(LeavesNoTrace.class)
class HostileImagesKernelTest {
  private static final RootEdit NOTHING = _ -> {};

  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();

  @SuppressWarnings("NullAway.Init") // by each test, with its image
  private Path canary;

  @SuppressWarnings("NullAway.Init")
  private ContainerNode node;

  private void open(String config, RootEdit edit) throws Exception {
    open(config, edit, Path.of("/usr/sbin/runc"));
  }

  private void open(String config, RootEdit edit, Path runtime) throws Exception {
    canary = Files.createDirectory(folder.resolve("canary"));
    Files.writeString(canary.resolve("ptmx"), "the node's");
    Path layout = BusyboxImage.create(Files.createDirectory(folder.resolve("image")), config, edit);
    node =
        nodes.add(
            new ContainerNode(
                Files.createDirectory(folder.resolve("node")), layout, "runc", runtime));
  }

  @AfterEach
  void closeNode() throws Exception {
    nodes.close();
    try (var files = Files.list(canary)) {
      assertThat(files).containsExactly(canary.resolve("ptmx"));
    }
    assertThat(canary.resolve("ptmx")).hasContent("the node's");
  }

  /** What it writes; empty when it is refused. */
  private List<String> outputOrRefused(ContainerConfig.Builder container) throws Exception {
    String id;
    try {
      id = node.run(container);
    } catch (ServiceException _) {
      return List.of();
    }
    node.awaitEnd(id);
    return node.log(id);
  }

  /** Case 42. */
  @Test
  void labelsOfAnImageAreNeverActedOn() throws Exception {
    open(
        """
        {"Labels": {"run.oci.hooks.stderr": "/tmp/x", "org.criu.config": "/tmp/x",
                    "org.systemd.property.CollectMode": "'inactive'",
                    "containerd.io/restart.loguri": "binary:///bin/touch?/tmp/x",
                    "io.kubernetes.cri.container-type": "sandbox"}}\
        """,
        NOTHING);
    String id = node.run(node.container("sleep", "1000"));

    assertThat(node.config.runroot().resolve("containers").resolve(id).resolve("config.json"))
        .content()
        .doesNotContain(
            "annotations", "run.oci", "org.criu", "systemd", "restart", "io.kubernetes");
    assertThat(node.status(id).getLabelsMap()).isEmpty();
    assertThat(node.status(id).getAnnotationsMap()).isEmpty();
  }

  /** Cases 46, 47 and 48: the node's side of what a link of the image names stays as it is. */
  @ParameterizedTest
  @CsvSource({"a,/a/b/c", "etc,/", "dev,/", "proc,/", "sys,/", "run,/", "tmp,/tmp/x", "root,/root"})
  void linksInPlaceOfFoldersLeadNowhere(String name, String workingDirectory) throws Exception {
    open(
        "{\"WorkingDir\": \"" + workingDirectory + "\", \"Volumes\": {\"/" + name + "/v\": {}}}",
        root -> {
          Files.deleteIfExists(root.resolve("etc/passwd"));
          Files.deleteIfExists(root.resolve("etc/group"));
          Files.deleteIfExists(root.resolve(name));
          Files.createSymbolicLink(root.resolve(name), folder.resolve("canary"));
        });

    assertThat(outputOrRefused(node.container("/bin/ls", folder.resolve("canary").toString())))
        .as("what it sees there, if it runs, is its own")
        .doesNotContain("ptmx");
  }

  /** Case 53. */
  @ParameterizedTest
  @ValueSource(strings = {"\\n", "\\r", ":"})
  void aVariableOfTheImageMakesNoAccount(String separator) throws Exception {
    open(
        "{\"Env\": [\"PATH=/bin\", \"HOME=/root" + separator + "evil:x:0:0::/:/bin/sh\"]}",
        NOTHING);

    assertThat(outputOrRefused(node.container("grep", "-c", "", "/etc/passwd", "/etc/group")))
        .isIn(List.of(), List.of("/etc/passwd:2", "/etc/group:3"));
  }

  /** Case 57, CVE-2019-5736: what runs in the container may find the runtime's program there. */
  @Test
  void theRuntimesProgramCannotBeOverwritten() throws Exception {
    Path runc = folder.resolve("runc");
    Files.copy(Path.of("/usr/sbin/runc"), runc);
    Files.setPosixFilePermissions(runc, PosixFilePermissions.fromString("rwxr-xr-x"));
    open(
        "{}",
        root -> {
          Path again = Files.writeString(root.resolve("bin/again"), "#!/proc/self/exe\n");
          Files.setPosixFilePermissions(again, PosixFilePermissions.fromString("rwxr-xr-x"));
        },
        runc);
    String id =
        node.run(
            node.container(
                "/bin/sh",
                "-c",
                "echo ready; while :; do for p in /proc/[0-9]*; do echo x > $p/exe; done; done"
                    + " 2>/dev/null"));
    node.awaitLog(id);

    for (int i = 0; i < 5; i++) {
      node.exec(id, 60, "/bin/again");
      node.exec(id, 60, "/bin/true");
    }

    node.stop(id, 0);
    assertThat(runc).hasSameBinaryContentAs(Path.of("/usr/sbin/runc"));
  }

  /** Case 58. */
  @Test
  void programsOfTheImageAreNotRunOnTheNode() throws Exception {
    List<String> names =
        List.of(
            "nsenter", "unshare", "tar", "ip", "nft", "socat", "runc", "crun", "gzip", "getent");
    open("{}", root -> trap(root, names));
    String id = node.run(node.container("sleep", "1000"));
    assertThat(node.exec(id, 60, "id").getExitCode()).isZero();
    node.service.updateContainerResources(
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(id)
            .setLinux(LinuxContainerResources.newBuilder().setCpuShares(100))
            .build());
    node.stop(id, 0);
    node.remove(id);
  }

  private void trap(Path root, List<String> names) throws IOException {
    for (String bin : List.of("bin", "usr/bin", "sbin", "usr/sbin")) {
      Files.createDirectories(root.resolve(bin));
      for (String name : names) {
        Path program = root.resolve(bin).resolve(name);
        Files.writeString(program, "#!/bin/sh\ntouch " + folder.resolve("canary/run") + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  /** Case 80. */
  @Test
  void whatTellsOfTheNodeIsHiddenAndWhatSteersItIsReadOnly() throws Exception {
    open("{}", NOTHING);
    String script =
        "for f in kcore keys latency_stats timer_list timer_stats sched_debug interrupts acpi/wakeup"
            + " asound/version scsi/scsi; do head -c 9 /proc/$f 2>/dev/null; done;"
            + " ls /sys/firmware /sys/devices/virtual/powercap 2>/dev/null | grep -v : | grep .;"
            + " for f in sys/kernel/hostname sysrq-trigger irq/default_smp_affinity; do"
            + " echo h 2>/dev/null > /proc/$f && echo wrote $f; done; echo end";

    assertThat(outputOrRefused(node.container("/bin/sh", "-c", script))).containsExactly("end");
  }

  /** Case 83. */
  @Test
  void everyAttemptHasTheImagesUser() throws Exception {
    open("{\"User\": \"app\"}", NOTHING);
    for (int attempt = 0; attempt < 3; attempt++) {
      ContainerConfig.Builder container = node.container("id", "-u");
      container.getMetadataBuilder().setName("same").setAttempt(attempt);
      container.setLogPath("same/" + attempt + ".log");
      assertThat(outputOrRefused(container)).containsExactly("1000");
    }
  }
}
