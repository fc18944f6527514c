package io.crij.runtime.oci.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFactsTest {
  private static final String LIMITS =
      """
      Limit                     Soft Limit           Hard Limit           Units
      Max stack size            8388608              unlimited            bytes
      Max open files            %s                 4096                 files
      Max nice priority         0                    0
      """;

  @TempDir Path root;

  private void write(String file, String text) throws Exception {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void whatTheNodeHasIsFoundOut() throws Exception {
    write("proc/self/status", "Name:\tx\nCapEff:\t0000000001000001\nCapBnd:\t0000000000200001\n");
    write("proc/sys/kernel/cap_last_cap", "40\n");
    write("proc/self/oom_score_adj", "-999\n");
    write("proc/self/limits", LIMITS.formatted("4096"));
    write("proc/1/limits", LIMITS.formatted("1024"));
    write("proc/sys/kernel/seccomp/actions_avail", "kill\n");
    write("sys/devices/system/cpu/possible", "0-3,8\n");
    write("sys/fs/cgroup/memory/cgroup.procs", "");
    write("sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "1");
    write("sys/fs/cgroup/cpu,cpuacct/cgroup.procs", "");
    Files.createDirectories(root.resolve("sys/kernel/mm/hugepages/hugepages-2048kB"));
    Files.createDirectories(root.resolve("sys/kernel/mm/hugepages/hugepages-1048576kB"));

    NodeFacts facts = new NodeFactsReader(root).read();

    assertThat(facts.boundingCapabilities())
        .containsExactlyInAnyOrder("CAP_CHOWN", "CAP_SYS_ADMIN");
    assertThat(facts.mayLowerOomScore()).isTrue();
    assertThat(facts.oomScoreAdj()).isEqualTo(-999);
    assertThat(facts.limits())
        .contains(
            new ResourceLimit("RLIMIT_NOFILE", BigInteger.valueOf(1024), BigInteger.valueOf(4096)),
            new ResourceLimit(
                "RLIMIT_STACK", BigInteger.valueOf(8388608), ResourceLimit.UNLIMITED));
    assertThat(facts.cgroups().unified()).isFalse();
    assertThat(facts.cgroups().controllers()).containsExactlyInAnyOrder("memory", "cpu", "cpuacct");
    assertThat(facts.cgroups().swapAccounting()).isTrue();
    assertThat(facts.hugepageSizes()).containsExactlyInAnyOrder("2MB", "1GB");
    assertThat(facts.highestProcessor()).isEqualTo(8);
    assertThat(facts.seccomp()).isTrue();
    assertThat(facts.selinux()).isNull();
  }

  @Test
  void thisNodeCanBeRead() {
    NodeFacts facts = NodeFacts.read();

    assertThat(facts.limits()).hasSize(16);
    assertThat(facts.knowsCapability("CAP_CHOWN")).isTrue();
    assertThat(facts.knowsCapability("CAP_BLOCK_SUSPEND")).isTrue();
    assertThat(facts.knowsCapability("CAP_FLY")).isFalse();
  }
}
