package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.SecurityProfile;
import io.crij.linux.testing.LeavesNoTrace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same with crun: it refuses a hybrid of cgroup v1 and v2, so here it runs in a mount namespace
 * that does not show the unified hierarchy.
 */
@ExtendWith(LeavesNoTrace.class)
class CrunKernelTest {
  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeEach
  void openNode() throws Exception {
    Path crun =
        Files.writeString(
            imageFolder.resolve("crun"),
            """
            #!/bin/sh
            exec unshare -m sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec /usr/bin/crun "$@"' crun "$@"
            """);
    Files.setPosixFilePermissions(crun, PosixFilePermissions.fromString("rwxr-xr-x"));
    node =
        nodes.add(new ContainerNode(folder, BusyboxImage.create(imageFolder, "{}"), "crun", crun));
  }

  @Test
  void containersLiveWithCrunToo() throws Exception {
    String id =
        node.run(
            c ->
                c.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setRunAsUsername("app")
                    .setSeccomp(
                        SecurityProfile.newBuilder()
                            .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)),
            "/bin/sh",
            "-c",
            "trap 'exit 6' TERM; grep -E 'Seccomp:|CapInh' /proc/self/status; "
                + "while true; do usleep 10000; done");
    assertThat(node.exec(id, 60, "id", "-u").getStdout().toStringUtf8()).isEqualTo("1000\n");
    node.awaitLog(id);
    node.stop(id, 60);

    ContainerStatus ended = node.status(id);
    assertThat(ended.getExitCode()).isEqualTo(6);
    assertThat(node.log(id)).contains("Seccomp:\t2", "CapInh:\t0000000000000000");
    node.remove(id);
    assertThatThrownBy(() -> node.create(node.container("/bin/absent")))
        .hasMessageContaining("/bin/absent");
  }
}
