package io.crij.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.ServiceException.InvalidArgument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodCgroupsTest {
  /** The kubelet says the path; other clients the name (systemd.slice(5)). */
  @ParameterizedTest
  @CsvSource({
    "a.slice,              /a.slice",
    "a-b.slice,            /a.slice/a-b.slice",
    "a-b-c_d.slice,        /a.slice/a-b.slice/a-b-c_d.slice",
    "/a.slice/a-b.slice,   /a.slice/a-b.slice",
    "'',                   /crij.slice/crij-0123abcd.slice",
  })
  void aSliceIsWhereItsNameSays(String requested, String path) {
    assertThat(PodCgroups.parent(CgroupManager.SYSTEMD, requested, "/crij-0123abcd"))
        .isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/kubepods/pod1",
        "a",
        ".slice",
        "-.slice",
        "a--b.slice",
        "-a.slice",
        "a-.slice",
        "a b.slice",
        "a:b\n.slice",
        "/a.slice/..",
        "a.slice/",
        "a.service"
      })
  void whatIsNoSliceIsRefused(String requested) {
    assertThatThrownBy(() -> PodCgroups.parent(CgroupManager.SYSTEMD, requested, "/crij"))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("linux.cgroup_parent");
  }

  @Test
  void aSliceIsRefusedWhereSystemdIsNotTheManager() {
    assertThatThrownBy(() -> PodCgroups.parent(CgroupManager.CGROUPFS, "/a.slice", "/crij"))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("cgroup_manager");
    assertThat(PodCgroups.parent(CgroupManager.CGROUPFS, "", "/crij")).isEqualTo("/crij");
    assertThat(PodCgroups.parent(CgroupManager.CGROUPFS, "/a/b", "/crij")).isEqualTo("/a/b");
  }

  @Test
  void aContainerHasAScopeThatTheRuntimeIsToldOf() {
    String scope = PodCgroups.container("/a.slice/a-b.slice", "0123");
    assertThat(scope).isEqualTo("/a.slice/a-b.slice/crij-0123.scope");
    assertThat(PodCgroups.forRuntime(scope)).isEqualTo("a-b.slice:crij:0123");

    assertThat(PodCgroups.isOfSystemd(scope)).isTrue();

    assertThat(PodCgroups.container("/a/b", "0123")).isEqualTo("/a/b/0123");
    assertThat(PodCgroups.isOfSystemd("/a/b/0123")).isFalse();
    assertThat(PodCgroups.forRuntime("/a/b/0123")).isEqualTo("/a/b/0123");
  }
}
