package io.crij.runtime.oci.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileRootfsTest {
  private static final ContainerIdentity ROOT = new ContainerIdentity(0, 0, List.of());

  @TempDir Path root;

  @BeforeEach
  void makeEtc() throws IOException {
    Files.createDirectory(root.resolve("etc"));
  }

  private ContainerIdentity find(String user) {
    try (Tree tree = Tree.open(root)) {
      return IdentityLookup.find(tree, LinuxContainerSecurityContext.getDefaultInstance(), user);
    }
  }

  private Path passwd() {
    return root.resolve("etc/passwd");
  }

  @Test
  void anImageWithoutAccountsKnowsNumbersOnly() {
    assertThat(find("12").uid()).isEqualTo(12);
    assertThatThrownBy(() -> find("root")).isInstanceOf(ServiceException.InvalidArgument.class);
  }

  @Test
  void aLinkOutOfTheRootDoesNotLeadThere() throws IOException {
    Files.createSymbolicLink(passwd(), Path.of("../../../../../../../../../etc/passwd"));

    assertThatThrownBy(() -> find("root")).isInstanceOf(ServiceException.InvalidArgument.class);
  }

  @Test
  void anythingButARegularFileIsRefusedWithoutBeingOpened() throws Exception {
    new ProcessBuilder("mkfifo", passwd().toString()).inheritIO().start().waitFor();

    assertThat(Duration.ofMinutes(1))
        .satisfies(limit -> {
          long start = System.nanoTime();
          assertThatThrownBy(() -> find("1"))
              .isInstanceOf(ServiceException.InvalidArgument.class)
              .hasMessageContaining("not a regular file");
          assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(limit);
        });
  }

  @Test
  void aLargeFileIsRefusedNotCutOff() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(passwd().toFile(), "rw")) {
      file.setLength(10L << 30);
    }

    assertThatThrownBy(() -> find("1"))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("larger");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "etc", "proc", "sys", "run"})
  void aTopFolderThatIsALinkIsRefused(String folder) throws IOException {
    Files.deleteIfExists(root.resolve(folder));
    Files.createSymbolicLink(root.resolve(folder), Path.of("/tmp"));
    try (Tree tree = Tree.open(root)) {
      assertThatThrownBy(() -> RootfsLayout.check(tree))
          .isInstanceOf(ServiceException.InvalidArgument.class)
          .hasMessageContaining("/" + folder);
    }
  }

  @Test
  void anEmptyRootIsNoHarm() {
    try (Tree tree = Tree.open(root)) {
      RootfsLayout.check(tree);
      assertThat(WorkingDirectory.choose(tree, "", "")).isEqualTo("/");
      assertThat(WorkingDirectory.choose(tree, "", "/data")).isEqualTo("/data");
      assertThat(WorkingDirectory.choose(tree, "/a/../b", "/data")).isEqualTo("/a/../b");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc/self/fd/7",
        "/proc/1/root",
        "/dev/fd/7",
        "/x/../dev/./fd",
        "/dev/stdin/a",
        "//proc/./self",
        "/x/../proc/self/fd/3",
        "/trap/fd/8",
        "/deep/again",
        "relative"
      })
  void aWorkingDirectoryInProcIsRefused(String path) throws IOException {
    Files.createSymbolicLink(root.resolve("trap"), Path.of("/proc/self"));
    Files.createDirectory(root.resolve("deep"));
    Files.createSymbolicLink(root.resolve("deep/again"), Path.of("../../trap/fd/9"));
    try (Tree tree = Tree.open(root)) {
      assertThatThrownBy(() -> WorkingDirectory.choose(tree, path, ""))
          .isInstanceOf(ServiceException.InvalidArgument.class);
    }
  }

  @Test
  void linksInACircleEnd() throws IOException {
    Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
    try (Tree tree = Tree.open(root)) {
      assertThat(WorkingDirectory.choose(tree, "/a", "")).isEqualTo("/a");
    }
  }

  @Test
  void volumesOfAnImageAreMadeBelowTheRootAndNowhereElse(@TempDir Path outside) throws Exception {
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../../../.."));
    try (Tree tree = Tree.open(root)) {
      ImageVolumes.make(
          tree,
          List.of("/data/deep", "relative", "/link/x", "/up/y", "/../../z", "/proc/v", "/"),
          ROOT);
    }
    assertThat(root.resolve("data/deep")).isDirectory();
    assertThat(root.resolve("relative")).isDirectory();
    assertThat(root.resolve("z")).isDirectory();
    assertThat(root.resolve("y")).isDirectory();
    assertThat(root.resolve("proc")).doesNotExist();
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aVolumeThatCannotBeMadeIsRefused() throws IOException {
    Files.createFile(root.resolve("file"));
    try (Tree tree = Tree.open(root)) {
      for (String bad : List.of("/file/x", "/a\0b", "/" + "n".repeat(300))) {
        assertThatThrownBy(() -> ImageVolumes.make(tree, List.of(bad), ROOT))
            .isInstanceOf(ServiceException.InvalidArgument.class);
      }
    }
  }
}
