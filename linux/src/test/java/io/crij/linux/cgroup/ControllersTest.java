package io.crij.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.cgroup.GroupUsage.Memory;
import io.crij.linux.cgroup.GroupUsage.Swap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files written by the test in the forms of the kernel, of both versions of cgroups. */
class ControllersTest {
  private static final String GROUP = "/kubepods/pod1/c1";
  private static final String PRESSURE =
      """
      some avg10=12.50 avg60=3.25 avg300=0.75 total=1234567
      full avg10=1.00 avg60=0.50 avg300=0.25 total=7654
      """;

  @TempDir Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private GroupUsage usage() {
    return Objects.requireNonNull(usageOf(GROUP));
  }

  private @Nullable GroupUsage usageOf(String group) {
    try (KeptFiles files = new KeptFiles()) {
      return Controllers.of(root).usage(group, files);
    }
  }

  private static Memory memory(GroupUsage usage) {
    return Objects.requireNonNull(usage.memory());
  }

  private static Swap swap(GroupUsage usage) {
    return Objects.requireNonNull(usage.swap());
  }

  private void writeFirstVersion() throws IOException {
    write("cpuacct" + GROUP + "/cpuacct.usage", "123456789\n");
    write("memory" + GROUP + "/memory.usage_in_bytes", "10485760\n");
    write("memory" + GROUP + "/memory.limit_in_bytes", "67108864\n");
    write("memory" + GROUP + "/memory.memsw.limit_in_bytes", "100663296\n");
    write(
        "memory" + GROUP + "/memory.stat",
        """
        cache 4096
        rss 8192
        pgfault 1
        pgmajfault 2
        inactive_file 4096
        total_cache 1048576
        total_rss 2097152
        total_swap 524288
        total_pgfault 1000
        total_pgmajfault 7
        total_inactive_file 4194304
        total_unevictable 18446744073709551615
        """);
  }

  private void writeVersionTwo() throws IOException {
    write("cgroup.controllers", "cpu memory io pids\n");
    String folder = GROUP.substring(1);
    write(folder + "/cpu.stat", "usage_usec 123456\nuser_usec 100000\nsystem_usec 23456\n");
    write(folder + "/memory.current", "10485760\n");
    write(folder + "/memory.max", "67108864\n");
    write(folder + "/memory.swap.current", "524288\n");
    write(folder + "/memory.swap.max", "max\n");
    write(
        folder + "/memory.stat",
        "anon 2097152\nfile 1048576\ninactive_file 4194304\npgfault 1000\npgmajfault 7\n");
    write(folder + "/cpu.pressure", PRESSURE);
    write(folder + "/memory.pressure", PRESSURE);
    write(folder + "/io.pressure", PRESSURE);
  }

  @Test
  void versionOneCountsGroupsBelowToo() throws Exception {
    writeFirstVersion();

    GroupUsage usage = usage();

    assertThat(usage.cpuNanos()).isEqualTo(123_456_789);
    assertThat(usage.memory())
        .isEqualTo(new Memory(10_485_760, 4_194_304, 2_097_152, 1000, 7, 67_108_864));
    assertThat(memory(usage).workingSetBytes()).isEqualTo(6_291_456);
    assertThat(usage.swap()).isEqualTo(new Swap(524_288, 33_554_432));
    assertThat(usage.pressures().cpu()).isNull();
  }

  @Test
  void versionOneWithoutLimitsHasNone() throws Exception {
    writeFirstVersion();
    write("memory" + GROUP + "/memory.limit_in_bytes", "9223372036854771712\n");
    write("memory" + GROUP + "/memory.memsw.limit_in_bytes", "9223372036854771712\n");

    assertThat(memory(usage()).limitBytes()).isEqualTo(GroupUsage.UNLIMITED);
    assertThat(swap(usage()).limitBytes()).isEqualTo(GroupUsage.UNLIMITED);
  }

  @Test
  void aNodeThatDoesNotCountSwapTellsNone() throws Exception {
    writeFirstVersion();
    write("memory" + GROUP + "/memory.stat", "total_rss 5\n");

    assertThat(usage().swap()).isNull();
    assertThat(memory(usage()).rssBytes()).isEqualTo(5);
  }

  @Test
  void pressureIsReadBesideVersionOne() throws Exception {
    writeFirstVersion();
    write("unified" + GROUP + "/cpu.pressure", PRESSURE);

    assertThat(usage().pressures().cpu())
        .isEqualTo(
            new Pressure(
                new Pressure.Share(12.5, 3.25, 0.75, 1_234_567_000L),
                new Pressure.Share(1, 0.5, 0.25, 7_654_000)));
    assertThat(usage().pressures().memory()).isNull();
  }

  @Test
  void versionTwoIsReadFromOneFolder() throws Exception {
    writeVersionTwo();

    GroupUsage usage = usage();

    assertThat(usage.cpuNanos()).isEqualTo(123_456_000);
    assertThat(usage.memory())
        .isEqualTo(new Memory(10_485_760, 4_194_304, 2_097_152, 1000, 7, 67_108_864));
    assertThat(usage.swap()).isEqualTo(new Swap(524_288, GroupUsage.UNLIMITED));
    assertThat(Objects.requireNonNull(usage.pressures().io()).full().totalNanos())
        .isEqualTo(7_654_000);
  }

  /** What crun makes below a scope, a container can make, too. */
  @Test
  void versionTwoIsReadFromTheGroupThatIsAskedFor() throws Exception {
    String scope = GROUP.substring(1) + ".scope";
    write("cgroup.controllers", "cpu memory\n");
    write(scope + "/cpu.stat", "usage_usec 5\nnr_throttled 1\n");
    write(scope + "/container/cpu.stat", "usage_usec 5\nnr_throttled 3\n");

    Controllers controllers = Controllers.of(root);

    assertThat(controllers.details("/" + scope).processor().throttledPeriods()).isEqualTo(1);
    assertThat(controllers.details("/" + scope + "/container").processor().throttledPeriods())
        .isEqualTo(3);
  }

  @Test
  void versionTwoWithoutControllersHasTheProcessorAlone() throws Exception {
    write("cgroup.controllers", "\n");
    write(GROUP.substring(1) + "/cpu.stat", "usage_usec 5\n");

    assertThat(usage()).isEqualTo(new GroupUsage(5000, null, null, GroupUsage.Pressures.NONE));
  }

  @Test
  void aGroupThatIsGoneHasNoFigures() throws Exception {
    assertThat(usageOf(GROUP)).isNull();
    writeVersionTwo();
    assertThat(usageOf("/kubepods/pod1/c2")).isNull();
  }

  @Test
  void aGroupThatIsGoneInOneHierarchyIsNotThere() throws Exception {
    writeFirstVersion();
    Controllers node = Controllers.of(root);
    assertThat(node.exists(GROUP)).as("where others are not mounted").isTrue();
    write("pids/kubepods/pod1/pids.current", "1");
    assertThat(node.exists(GROUP)).as("pids gone").isFalse();
    write("pids" + GROUP + "/pids.current", "1");
    assertThat(node.exists(GROUP)).isTrue();
    assertThat(node.exists("/kubepods/pod1/c2")).isFalse();
  }

  @Test
  void aGroupOfVersionTwoIsThereOrGone() throws Exception {
    writeVersionTwo();
    assertThat(Controllers.of(root).exists(GROUP)).isTrue();
    assertThat(Controllers.of(root).exists("/kubepods/pod1/c2")).isFalse();
  }

  @Test
  void groupsAreAddedUp() throws Exception {
    writeVersionTwo();

    GroupUsage both = usage().plus(usage());

    assertThat(both.cpuNanos()).isEqualTo(246_912_000);
    assertThat(memory(both).limitBytes()).isEqualTo(134_217_728);
    assertThat(swap(both).limitBytes()).isEqualTo(GroupUsage.UNLIMITED);
    assertThat(both.pressures()).isEqualTo(GroupUsage.Pressures.NONE);
  }

  @Test
  void detailsOfVersionOneComeFromManyFiles() throws Exception {
    writeFirstVersion();
    write("cpuacct" + GROUP + "/cpuacct.usage_user", "7000000\n");
    write("cpuacct" + GROUP + "/cpuacct.usage_sys", "5000000\n");
    write("cpu" + GROUP + "/cpu.stat", "nr_periods 10\nnr_throttled 3\nthrottled_time 4000\n");
    write("memory" + GROUP + "/memory.oom_control", "oom_kill_disable 0\noom_kill 2\n");
    write("memory" + GROUP + "/memory.failcnt", "6\n");
    write("pids" + GROUP + "/pids.current", "4\n");
    write("pids" + GROUP + "/pids.max", "max\n");
    String io = "blkio" + GROUP + "/blkio.throttle.io_service";
    write(io + "_bytes_recursive", "8:0 Read 4096\n8:0 Write 8192\n8:0 Total 12288\nTotal 12288\n");
    write(io + "d_recursive", "8:0 Read 1\n8:0 Write 2\nTotal 3\n");

    GroupDetails details = Controllers.of(root).details(GROUP);

    assertThat(details.processor())
        .isEqualTo(new GroupDetails.Processor(7_000_000, 5_000_000, 10, 3, 4000));
    assertThat(details.memory().cacheBytes()).isEqualTo(1_048_576);
    assertThat(details.memory().oomKills()).isEqualTo(2);
    assertThat(details.memory().limitHits()).isEqualTo(6);
    assertThat(details.memory().ownFaults()).isEqualTo(1);
    assertThat(details.threads()).isEqualTo(4);
    assertThat(details.threadsMax()).isZero();
    assertThat(details.devices())
        .containsExactly(new GroupDetails.DeviceUse("8:0", 4096, 8192, 1, 2));
    assertThat(details.hugePages()).isEmpty();
  }

  @Test
  void detailsOfVersionTwo() throws Exception {
    writeVersionTwo();
    String folder = GROUP.substring(1);
    write(folder + "/cpu.stat", "usage_usec 5\nuser_usec 3\nnr_throttled 4\nthrottled_usec 6\n");
    write(folder + "/memory.events", "low 0\nmax 7\noom 1\noom_kill 1\n");
    write(
        folder + "/io.stat",
        "7:1 7:0 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 depth=max\n8:16 \n");
    write(folder + "/pids.max", "100\n");

    GroupDetails details = Controllers.of(root).details(GROUP);

    assertThat(details.processor()).isEqualTo(new GroupDetails.Processor(3000, 0, 0, 4, 6000));
    assertThat(details.memory().limitHits()).isEqualTo(7);
    assertThat(details.devices()).containsExactly(new GroupDetails.DeviceUse("8:0", 1, 2, 3, 4));
    assertThat(details.threadsMax()).isEqualTo(100);
  }
}
