package io.crij.runtime.oci.mounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.MountPropagation;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.HandlerFeatures;
import io.crij.runtime.selinux.Relabelling;
import io.crij.runtime.settings.MountSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerMountsTest {
  private static final PodFiles FILES =
      new PodFiles(Path.of("/p/hosts"), Path.of("/p/hostname"), Path.of("/p/resolv.conf"), null);

  @TempDir Path folder;

  private static List<SpecMount> mounts(boolean recursive, Mount... mounts) {
    return mounts(recursive, MountSettings.NONE, mounts);
  }

  private static List<SpecMount> mounts(
      boolean recursive, MountSettings settings, Mount... mounts) {
    ContainerConfig config = ContainerConfig.newBuilder().addAllMounts(List.of(mounts)).build();
    return ContainerMounts.of(
            config,
            FILES,
            new HostMounts(new HandlerFeatures(recursive, false), settings, Relabelling.NONE),
            settings,
            "ro",
            List.of())
        .mounts();
  }

  private Mount.Builder mount(String name) {
    return Mount.newBuilder()
        .setHostPath(folder.resolve(name).toString())
        .setContainerPath("/data");
  }

  private static SpecMount at(List<SpecMount> mounts, String destination) {
    return mounts.stream()
        .filter(mount -> mount.destination().equals(destination))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMissingDirectoryIsMadeAndALinkFollowedOnce() throws IOException {
    assertThat(at(mounts(false, mount("new/deep").build()), "/data").source())
        .isEqualTo(folder.toRealPath().resolve("new/deep").toString());
    assertThat(folder.resolve("new/deep")).isDirectory();

    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("new"));
    assertThat(at(mounts(false, mount("link").build()), "/data").source())
        .isEqualTo(folder.toRealPath().resolve("new").toString());
  }

  /** As crijd in a container sees the node, whose links do not lead out of it. */
  @Test
  void pathsAreThoseOfTheNodesRoot() throws IOException {
    Path root = folder.toRealPath();
    Files.createDirectories(root.resolve("run/there"));
    Files.createDirectory(root.resolve("var"));
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
    MountSettings settings = new MountSettings(false, null, List.of(), List.of(), root);
    for (String name : List.of("there", "made")) {
      Mount mount =
          Mount.newBuilder().setHostPath("/var/run/" + name).setContainerPath("/data").build();
      assertThat(at(mounts(false, settings, mount), "/data").source())
          .isEqualTo(root.resolve("run").resolve(name).toString());
    }
    assertThat(root.resolve("run/made")).isDirectory();
    assertThat(Path.of("/run/made")).doesNotExist();
  }

  @Test
  void nothingIsMadeInTheNodesOwnTrees() {
    for (String path : List.of("/proc/absent", "/sys/absent", "/dev/absent/x", "/dev/../proc/no")) {
      Mount mount = Mount.newBuilder().setHostPath(path).setContainerPath("/data").build();
      assertThatThrownBy(() -> mounts(false, mount))
          .isInstanceOf(ServiceException.InvalidArgument.class);
    }
  }

  @Test
  void optionsAreThoseAskedFor() {
    assertThat(at(mounts(false, mount("a").build()), "/data").options())
        .containsExactly("rbind", "rprivate", "rw");
    assertThat(
            at(
                    mounts(
                        true,
                        mount("a")
                            .setReadonly(true)
                            .setRecursiveReadOnly(true)
                            .addMountOptions("noexec")
                            .build()),
                    "/data")
                .options())
        .containsExactly("rbind", "rprivate", "rro", "ro", "noexec");
  }

  @Test
  void aMountOfTheRequestReplacesTheDefaultAndParentsComeFirst() throws IOException {
    Path hosts = Files.createFile(folder.resolve("hosts"));
    List<SpecMount> mounts =
        mounts(
            false,
            mount("a").setContainerPath("/data/deep/deeper").build(),
            mount("hosts").setContainerPath("/etc/../etc/hosts").build(),
            mount("b").build());

    assertThat(mounts.stream().filter(mount -> mount.destination().equals("/etc/hosts")))
        .singleElement()
        .satisfies(mount -> assertThat(mount.source()).isEqualTo(hosts.toRealPath().toString()));
    List<String> order = mounts.stream().map(SpecMount::destination).toList();
    assertThat(order.indexOf("/data")).isLessThan(order.indexOf("/data/deep/deeper"));
    assertThat(order.indexOf("/dev")).isLessThan(order.indexOf("/dev/shm"));
  }

  @Test
  void whatCannotBeDoneIsRefused() {
    for (Mount bad :
        List.of(
            mount("a").setContainerPath("relative").build(),
            mount("a").setContainerPath("/").build(),
            mount("a").setContainerPath("/x/..").build(),
            mount("a").setHostPath("").build(),
            mount("a").setHostPath("a").build(),
            mount("a").addMountOptions("suid").build(),
            mount("a").addMountOptions("bind,exec").build(),
            mount("a").setRecursiveReadOnly(true).build(),
            mount("a").setReadonly(true).setRecursiveReadOnly(true).build(),
            mount("a")
                .setReadonly(true)
                .setRecursiveReadOnly(true)
                .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL)
                .build(),
            mount("a").setPropagationValue(9).build())) {
      assertThatThrownBy(() -> mounts(false, bad))
          .isInstanceOf(ServiceException.InvalidArgument.class)
          .hasMessageContaining("mounts");
    }
  }
}
