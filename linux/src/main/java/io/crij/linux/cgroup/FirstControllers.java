package io.crij.linux.cgroup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Version 1: a hierarchy for each controller. What waited is told where version 2 is mounted beside
 * it, at {@code unified}, and the OCI runtime makes the group there too, as runc does.
 */
record FirstControllers(Path root) implements Controllers {
  private static final List<String> CONTROLLERS =
      List.of("cpu", "memory", "pids", "blkio", "hugetlb");

  @Override
  public @Nullable GroupUsage usage(String group, KeptFiles files) {
    String cpu = files.read(folder("cpuacct", group).resolve("cpuacct.usage"));
    if (cpu == null) {
      return null;
    }
    Path memory = folder("memory", group);
    String usage = files.read(memory.resolve("memory.usage_in_bytes"));
    String stat = files.read(memory.resolve("memory.stat"));
    String limit = files.read(memory.resolve("memory.limit_in_bytes"));
    GroupUsage.Pressures pressures = Controllers.pressures(folder("unified", group), files);
    if (usage == null || stat == null || limit == null) {
      return new GroupUsage(Long.parseLong(cpu), null, null, pressures);
    }
    KeyedFile counted = KeyedFile.parse(stat);
    long limitBytes = GroupUsage.limit(limit);
    return new GroupUsage(
        Long.parseLong(cpu),
        memory(Long.parseLong(usage), counted, limitBytes),
        swap(memory, files, counted, limitBytes),
        pressures);
  }

  /** The names with {@code total_} count the groups below too. */
  private static GroupUsage.Memory memory(long usageBytes, KeyedFile stat, long limitBytes) {
    return new GroupUsage.Memory(
        usageBytes,
        stat.get("total_inactive_file"),
        stat.get("total_rss"),
        stat.get("total_pgfault"),
        stat.get("total_pgmajfault"),
        limitBytes);
  }

  /** The limit in the files is of memory and swap together. */
  private static GroupUsage.@Nullable Swap swap(
      Path memory, KeptFiles files, KeyedFile stat, long limitBytes) {
    if (!stat.has("total_swap")) {
      return null;
    }
    String both = files.read(memory.resolve("memory.memsw.limit_in_bytes"));
    long bothBytes = both == null ? GroupUsage.UNLIMITED : GroupUsage.limit(both);
    return new GroupUsage.Swap(
        stat.get("total_swap"),
        bothBytes == GroupUsage.UNLIMITED ? bothBytes : Math.max(0, bothBytes - limitBytes));
  }

  @Override
  public GroupDetails details(String group) {
    Path time = folder("cpuacct", group);
    KeyedFile quota = DetailFiles.keyed(folder("cpu", group).resolve("cpu.stat"));
    Path pids = folder("pids", group);
    Path io = folder("blkio", group);
    return new GroupDetails(
        new GroupDetails.Processor(
            DetailFiles.number(time.resolve("cpuacct.usage_user")),
            DetailFiles.number(time.resolve("cpuacct.usage_sys")),
            quota.get("nr_periods"),
            quota.get("nr_throttled"),
            quota.get("throttled_time")),
        memoryDetails(folder("memory", group)),
        DetailFiles.number(pids.resolve("pids.current")),
        DetailFiles.number(pids.resolve("pids.max")),
        DetailFiles.devices(
            io.resolve("blkio.throttle.io_service_bytes_recursive"),
            io.resolve("blkio.throttle.io_serviced_recursive")),
        DetailFiles.hugePages(folder("hugetlb", group), "usage_in_bytes", "max_usage_in_bytes"));
  }

  private static GroupDetails.Memory memoryDetails(Path folder) {
    KeyedFile stat = DetailFiles.keyed(folder.resolve("memory.stat"));
    return new GroupDetails.Memory(
        stat.get("total_cache"),
        stat.get("total_mapped_file"),
        DetailFiles.number(folder.resolve("memory.kmem.usage_in_bytes")),
        DetailFiles.number(folder.resolve("memory.max_usage_in_bytes")),
        DetailFiles.number(folder.resolve("memory.failcnt")),
        DetailFiles.keyed(folder.resolve("memory.oom_control")).get("oom_kill"),
        stat.get("pgfault"),
        stat.get("pgmajfault"));
  }

  /**
   * A hierarchy that does not have the group is one where nobody makes groups, if it does not have
   * the group above either; that goes after those in it, so it must be looked for first.
   */
  @Override
  public boolean exists(String group) {
    return CONTROLLERS.stream()
            .map(controller -> folder(controller, group))
            .noneMatch(folder -> Files.exists(folder.getParent()) && !Files.exists(folder))
        && folder(group).exists();
  }

  @Override
  public CgroupFolder folder(String group) {
    return new CgroupFolder(folder("cpuacct", group));
  }

  private Path folder(String controller, String group) {
    return Controllers.below(root.resolve(controller), group);
  }
}
