package io.crij.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupFolderTest {
  @ParameterizedTest
  @CsvSource({
    "/a.slice/c.scope, 0::/a.slice/c.scope/container, container",
    "/a.slice/c.scope, 0::/a.slice/c.scope, ''",
    "/a.slice/c.scope, 0::/a.slice/c.scope2/container, ''",
    "/a.slice/c.scope, 0::/, ''",
    "'', 0::/a.slice, ''"
  })
  void whereBelowAGroupAProcessIs(String group, String ofProcess, String below) {
    assertThat(CgroupFolder.below(group, ofProcess + "\n")).isEqualTo(below);
  }
}
