package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.CgroupDriver;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.RuntimeConfigRequest;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.cgroup.ControlGroups;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers in slices and scopes. There is no systemd here: a program between us and runc makes
 * what runc would ask systemd for, only if it is told of them as runc wants to be.
 */
@ExtendWith(LeavesNoTrace.class)
class SystemdCgroupKernelTest {
  private static final long LIMIT_BYTES = 48L << 20;

  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;
  private String slice = "";

  @BeforeEach
  void openNode() throws Exception {
    Path runtime = imageFolder.resolve("runc");
    node =
        nodes.add(
            new ContainerNode(
                folder,
                BusyboxImage.create(imageFolder, "{}"),
                "runc",
                withSystemd(runtime),
                CgroupManager.SYSTEMD));
    slice = slicePath(node.cgroup);
  }

  /** Of {@code /a-b-c} it is {@code /a.slice/a-b.slice/a-b-c.slice}. */
  private static String slicePath(String cgroup) {
    StringBuilder path = new StringBuilder();
    StringBuilder name = new StringBuilder();
    for (String part : cgroup.substring(1).split("-")) {
      name.append(name.isEmpty() ? "" : "-").append(part);
      path.append('/').append(name).append(".slice");
    }
    return path.toString();
  }

  private static Path withSystemd(Path program) throws Exception {
    Files.writeString(
        program,
        """
        #!/bin/bash
        arguments=() bundle= systemd=
        while [ $# -gt 0 ]; do
          case $1 in
            --systemd-cgroup) systemd=yes ;;
            --bundle) bundle=$2; arguments+=("$1") ;;
            *) arguments+=("$1") ;;
          esac
          shift
        done
        [ "$systemd" ] || { echo "not told of systemd" >&2; exit 1; }
        if [ "$bundle" ]; then
          wanted='"cgroupsPath":"([^:/"]+)[.]slice:crij:([^:"]+)"'
          [[ $(< "$bundle/config.json") =~ $wanted ]] || { echo "no scope in a slice" >&2; exit 1; }
          path= name=
          for part in ${BASH_REMATCH[1]//-/ }; do
            name=${name:+$name-}$part path=$path/$name.slice
          done
          scope=$path/crij-${BASH_REMATCH[2]}.scope
          sed -i "s#${BASH_REMATCH[1]}.slice:crij:${BASH_REMATCH[2]}#$scope#" "$bundle/config.json"
        fi
        exec /usr/sbin/runc "${arguments[@]}"
        """);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  @AfterEach
  void closeNode() throws Exception {
    nodes.close();
    removeSlices();
  }

  /** As systemd does when they are empty; those above the test's own may be another's, too. */
  private void removeSlices() throws Exception {
    try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies) {
        for (String path = slice;
            !path.isEmpty() && hierarchy.resolve(path.substring(1)).toFile().delete();
            path = path.substring(0, path.lastIndexOf('/'))) {
          // The one above is next.
        }
      }
    }
  }

  @Test
  void aContainerLivesInAScopeOfItsPodsSlice() throws Exception {
    assertThat(
            node.service
                .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                .getLinux()
                .getCgroupDriver())
        .isEqualTo(CgroupDriver.SYSTEMD);
    String id =
        node.run(
            c -> c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(LIMIT_BYTES),
            "/bin/sh",
            "-c",
            "cat /proc/self/cgroup; sleep 1000 & sleep 1000");
    String scope = slice + "/crij-" + id + ".scope";
    node.awaitLog(id);
    assertThat(node.log(id)).anySatisfy(line -> assertThat(line).endsWith(":memory:" + scope));
    assertThat(ControlGroups.ofNode().processes(scope)).hasSizeGreaterThan(1);

    node.service.updateContainerResources(
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(id)
            .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(2 * LIMIT_BYTES))
            .build());
    assertThat(ControlGroups.ofNode().read(scope, "memory.limit_in_bytes"))
        .isEqualTo(Long.toString(2 * LIMIT_BYTES));
    node.restart();
    node.stop(id, 0);
    assertThat(ControlGroups.ofNode().processes(scope)).isEmpty();
    node.remove(id);
    assertThat(Path.of("/sys/fs/cgroup/memory" + scope)).doesNotExist();
  }
}
