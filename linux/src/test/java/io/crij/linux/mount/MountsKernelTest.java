package io.crij.linux.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.LinuxException;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class MountsKernelTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingStaysMounted() {
    List<MountEntry> left = new ArrayList<>(MountTable.read().below(folder));
    for (MountEntry entry : left.reversed()) {
      Mounts.detach(Path.of(entry.mountPoint()));
    }
    assertThat(left).isEmpty();
  }

  @Test
  void overlayOfManyLayersShowsTheTopmostAndKeepsLayersUntouched() throws IOException {
    List<Path> lowers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Path lower = directory("lower-" + i);
      Files.writeString(lower.resolve("all"), "from " + i);
      Files.writeString(lower.resolve("only-" + i), "");
      lowers.add(lower);
    }
    Overlay overlay = new Overlay(lowers, directory("upper"), directory("work"), true);
    Path target = directory("merged");
    Mounts.overlay(overlay, target);
    try {
      assertThat(target.resolve("all")).hasContent("from 0");
      assertThat(target.resolve("only-299")).exists();
      Files.writeString(target.resolve("all"), "changed");
      assertThat(lowers.get(0).resolve("all")).hasContent("from 0");
      assertThat(folder.resolve("work/work/incompat/volatile")).isDirectory();
    } finally {
      assertThat(Mounts.detach(target)).isTrue();
    }
  }

  @Test
  void overlayByOneStringIsTheSame() throws IOException {
    List<Path> lowers = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      Path lower = directory("lower,with:odd-" + i);
      Files.writeString(lower.resolve("all"), "from " + i);
      Files.writeString(lower.resolve("only-" + i), "");
      lowers.add(lower);
    }
    Path target = directory("merged");
    for (List<Path> some : List.of(lowers.subList(0, 2), lowers)) {
      Path upper = directory("upper-" + some.size());
      Overlay overlay = new Overlay(some, upper, directory("work-" + some.size()), false);
      try (OverlayMount mount = new OverlayMount(overlay, target)) {
        mount.mountByString();
      }
      assertThat(target.resolve("all")).hasContent("from 0");
      assertThat(target.resolve("only-" + (some.size() - 1))).exists();
      Mounts.detach(target);
    }
  }

  @Test
  void overlayTakesPathsLongerThanTheKernelsValues() throws IOException {
    Path deep = folder.resolve("n".repeat(200)).resolve("m".repeat(200));
    Path lower = Files.createDirectories(deep.resolve("lower"));
    Files.writeString(lower.resolve("file"), "found");
    Overlay overlay =
        new Overlay(
            List.of(lower),
            Files.createDirectory(deep.resolve("upper")),
            Files.createDirectory(deep.resolve("work")),
            true);
    Path target = directory("merged");
    Mounts.overlay(overlay, target);
    assertThat(target.resolve("file")).hasContent("found");
    Mounts.detach(target);
  }

  @Test
  void aFailedOverlaySaysWhyInTheKernelsWords() throws IOException {
    Path upper = directory("upper");
    Overlay overlay =
        new Overlay(List.of(directory("lower")), upper, folder.resolve("missing"), true);
    Path target = directory("merged");
    assertThatThrownBy(() -> Mounts.overlay(overlay, target))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("overlay")
        .hasMessageContaining("missing");
  }

  /** A kernel with SELinux gives every file the label, another says that it has none. */
  @Test
  void aLabelOfSelinuxReachesTheKernel() throws IOException {
    String label = "system_u:object_r:container_file_t:s0:c1,c2";
    Path target = directory("target");
    Overlay overlay =
        new Overlay(
            List.of(directory("lower")), directory("upper"), directory("work"), true, label);
    if (Files.exists(Path.of("/sys/fs/selinux/enforce"))) {
      Mounts.overlay(overlay, target);
      assertThat(entry(target).toString()).contains(label);
      Mounts.detach(target);
      return;
    }
    List<ThrowingCallable> mounts =
        List.of(
            () -> Mounts.overlay(overlay, target),
            () -> Mounts.tmpfs(target, 1 << 20, 0700, Set.of(), label));
    assertThat(mounts)
        .allSatisfy(mount ->
            assertThatThrownBy(mount)
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("context=" + label));
  }

  @Test
  void bindShowsFoldersFilesAndNamespacesAndCanForbidWriting() throws IOException {
    Path source = directory("source");
    Path target = directory("target");
    Files.writeString(source.resolve("file"), "here");
    Mounts.bind(source, target, false, Set.of(MountFlag.READ_ONLY, MountFlag.NOSUID));
    assertThat(target.resolve("file")).hasContent("here");
    assertThatThrownBy(() -> Files.writeString(target.resolve("new"), ""))
        .isInstanceOf(IOException.class);
    assertThat(entry(target).options()).contains("ro", "nosuid");
    Mounts.detach(target);

    Path pin = Files.createFile(folder.resolve("ns"));
    Mounts.bind(Path.of("/proc/thread-self/ns/uts"), pin, false);
    assertThat(entry(pin).type()).isEqualTo("nsfs");
    Mounts.detach(pin);
  }

  @Test
  void recursiveBindTakesTheMountsBelowAlong() throws IOException {
    Path source = directory("source");
    Path inner = Files.createDirectory(source.resolve("inner"));
    Mounts.tmpfs(inner, 1 << 20, 0700, Set.of());
    Files.writeString(inner.resolve("file"), "inner");
    Path target = directory("target");
    Mounts.bind(source, target, true);
    Mounts.setPropagation(target, Propagation.PRIVATE, true);
    Mounts.addFlags(target, Set.of(MountFlag.READ_ONLY), true);
    assertThat(target.resolve("inner/file")).hasContent("inner");
    assertThat(entry(target.resolve("inner")).options()).contains("ro");
    assertThat(entry(inner).options()).contains("rw");
    assertThat(entry(target).propagation()).isEmpty();
    Mounts.detach(target);
    Mounts.detach(inner);
  }

  @Test
  void tmpfsHasItsSizeAndMode() throws IOException {
    Path target = directory("shm");
    Mounts.tmpfs(
        target, 64 << 20, 01777, Set.of(MountFlag.NOSUID, MountFlag.NODEV, MountFlag.NOEXEC));
    assertThat(Files.getFileStore(target).getTotalSpace()).isEqualTo(64 << 20);
    assertThat(Files.getAttribute(target, "unix:mode")).isEqualTo(0041777);
    assertThat(entry(target).options()).contains("nosuid", "nodev", "noexec");
    Mounts.setPropagation(target, Propagation.SHARED, false);
    assertThat(entry(target).propagation()).isNotEmpty();
    Mounts.detach(target);
  }

  @Test
  void detachOfNothingIsNoFailure() throws IOException {
    assertThat(Mounts.detach(directory("plain"))).isFalse();
    assertThat(Mounts.detach(folder.resolve("missing"))).isFalse();
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private static MountEntry entry(Path mountPoint) {
    @Nullable MountEntry entry = MountTable.read().find(mountPoint);
    if (entry == null) {
      throw new AssertionError("nothing is mounted at " + mountPoint);
    }
    return entry;
  }
}
