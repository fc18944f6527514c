package io.crij.linux.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MountTableTest {
  private static final String TEXT =
      """
      22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro
      41 22 0:36 /sub /mnt/with\\040space\\134 ro,nosuid shared:7 master:2 - tmpfs none rw,size=4k
      42 22 0:4 net:[4026532008] /run/ns/net rw - nsfs nsfs rw
      43 22 0:37 / /run/ns/net rw - tmpfs over rw
      """;

  @Test
  void readsEveryFieldAndResolvesEscapes() {
    assertThat(MountTable.parse(TEXT).entries().get(1))
        .hasToString(
            "MountEntry[id=41, parentId=22, root=/sub, mountPoint=/mnt/with space\\,"
                + " options=[ro, nosuid], propagation=[shared:7, master:2], type=tmpfs,"
                + " source=none, superOptions=[rw, size=4k]]");
  }

  @Test
  void theLastMountAtAPathIsTheOneSeen() {
    MountTable table = MountTable.parse(TEXT);
    MountEntry seen = table.find(Path.of("/run/ns/net"));
    assertThat(seen).isNotNull().extracting(MountEntry::source).isEqualTo("over");
    assertThat(table.find(Path.of("/run/ns"))).isNull();
    assertThat(table.below(Path.of("/run"))).extracting(MountEntry::id).containsExactly(42, 43);
    assertThat(table.below(Path.of("/"))).hasSize(4);
  }

  @Test
  void aLineThatIsCutOffIsRefused() {
    assertThatThrownBy(() -> MountTable.parse("22 1 254:0 / / rw shared:1 - ext4"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
