package io.crij.runtime.selinux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.Xattrs;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNoTrace.class)
class RelabellingKernelTest {
  private static final String LABEL = "system_u:object_r:container_file_t:s0:c1,c2";
  private static final String OTHER = "system_u:object_r:container_file_t:s0:c3,c4";

  private static final String XATTR = "security.selinux";

  @TempDir Path folder;
  private Path volume;

  @BeforeEach
  void aVolume() throws IOException {
    folder = folder.toRealPath();
    volume = Files.createDirectory(folder.resolve("volume"));
    Files.createDirectories(volume.resolve("deep/er"));
    Files.createFile(volume.resolve("deep/er/file"));
    Files.createFile(folder.resolve("outside"));
    Files.createSymbolicLink(volume.resolve("link"), folder.resolve("outside"));
  }

  /** Of the file itself, a link as well; empty when it has none. */
  private static String label(Path file) {
    Path folder = Objects.requireNonNull(file.getParent());
    Name name = Name.of(Objects.requireNonNull(file.getFileName()).toString());
    try (Tree tree = Tree.open(folder)) {
      byte[] value = tree.root().xattrs(name).get(XATTR);
      return value == null ? "" : new String(value, UTF_8);
    }
  }

  @Test
  void whatIsMountedGetsTheLabelAndNothingElse() {
    new Relabelling(LABEL, false).relabel(volume);

    assertThat(label(volume)).isEqualTo(LABEL);
    assertThat(label(volume.resolve("deep/er"))).isEqualTo(LABEL);
    assertThat(label(volume.resolve("deep/er/file"))).isEqualTo(LABEL);
    assertThat(label(volume.resolve("link"))).isEqualTo(LABEL);
    assertThat(label(folder.resolve("outside"))).isEmpty();
    assertThat(label(folder)).isEmpty();

    new Relabelling(OTHER, false).relabel(volume.resolve("deep/er/file"));
    assertThat(label(volume.resolve("deep/er/file"))).isEqualTo(OTHER);
    assertThat(label(volume.resolve("deep/er"))).isEqualTo(LABEL);
  }

  @Test
  void aLinkInThePlaceOfAPartOfThePathIsNotFollowed() throws IOException {
    Files.createSymbolicLink(folder.resolve("swapped"), volume);
    assertThatThrownBy(() -> new Relabelling(LABEL, false).relabel(folder.resolve("swapped/deep")))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("swapped/deep");
    assertThat(label(volume.resolve("deep"))).isEmpty();
  }

  @Test
  void oneThatSparesLooksAtTheTopmostFileOnly() {
    try (Tree tree = Tree.open(volume)) {
      Xattrs top = tree.root().xattrs();
      top.set(XATTR, (LABEL + "\0").getBytes(UTF_8));
    }
    new Relabelling(LABEL, true).relabel(volume);
    assertThat(label(volume.resolve("deep"))).isEmpty();

    new Relabelling(OTHER, true).relabel(volume);
    assertThat(label(volume.resolve("deep"))).isEqualTo(OTHER);
  }

  @Test
  void theNodesOwnFoldersAreRefused() {
    for (String own : new String[] {"/", "/etc", "/var/lib", "/usr"}) {
      assertThatThrownBy(() -> new Relabelling(LABEL, false).relabel(Path.of(own)))
          .isInstanceOf(ServiceException.InvalidArgument.class)
          .hasMessageContaining("selinux_relabel of " + own);
    }
    Relabelling.NONE.relabel(Path.of("/etc"));
  }

  @Test
  void whatCannotBeRelabelledIsToldUnlessItHasTheLabel() {
    new Relabelling(LABEL, false).relabel(volume);
    Mounts.bind(volume, volume, false, Set.of(MountFlag.READ_ONLY));
    try {
      new Relabelling(LABEL, false).relabel(volume);
      assertThatThrownBy(() -> new Relabelling(OTHER, false).relabel(volume))
          .isInstanceOf(ServiceException.Internal.class)
          .hasMessageContaining(volume.toString())
          .hasMessageContaining("Read-only");
    } finally {
      Mounts.detach(volume);
    }
  }

  @Test
  void foldersWithoutAnEndAreRefused() throws IOException {
    try (Tree tree = Tree.open(volume)) {
      Name name = Name.of("d");
      Directory at = tree.root().open(Name.of("deep"));
      for (int i = 0; i < 1100; i++) {
        at.createDirectory(name);
        Directory next = at.open(name);
        at.close();
        at = next;
      }
      at.close();
      assertThatThrownBy(() -> new Relabelling(LABEL, false).relabel(volume))
          .isInstanceOf(ServiceException.Internal.class)
          .hasMessageContaining("1024");
      tree.root().remove(Name.of("deep"));
    }
  }
}
