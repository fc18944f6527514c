package io.crij.runtime.oci.spec;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Mount;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.CgroupFacts;
import io.crij.runtime.oci.node.NodeFacts;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnsupportedFieldsTest {
  private static NodeFacts node(boolean selinux) {
    return new NodeFacts(
        Set.of(),
        40,
        0,
        false,
        List.of(),
        new CgroupFacts(true, Set.of(), true),
        Set.of(),
        0,
        0,
        true,
        selinux);
  }

  /** CVE-2021-43816: labels of the node's own files are never changed. */
  @Test
  void nothingIsRelabelledWhereTheNodeHasLabels() {
    ContainerConfig config =
        ContainerConfig.newBuilder()
            .addMounts(Mount.newBuilder().setHostPath("/etc").setSelinuxRelabel(true))
            .build();

    assertThatThrownBy(() -> UnsupportedFields.refuse(config, node(true)))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("selinux_relabel");
    UnsupportedFields.refuse(config, node(false));
  }
}
