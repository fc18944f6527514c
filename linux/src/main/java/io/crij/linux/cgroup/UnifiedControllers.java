package io.crij.linux.cgroup;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Version 2: one hierarchy for all controllers. */
record UnifiedControllers(Path root) implements Controllers {
  @Override
  public @Nullable GroupUsage usage(String group, KeptFiles files) {
    Path folder = folder(group).path();
    String cpu = files.read(folder.resolve("cpu.stat"));
    if (cpu == null) {
      return null;
    }
    return new GroupUsage(
        TimeUnit.MICROSECONDS.toNanos(KeyedFile.parse(cpu).get("usage_usec")),
        memory(folder, files),
        swap(folder, files),
        Controllers.pressures(folder, files));
  }

  private static GroupUsage.@Nullable Memory memory(Path folder, KeptFiles files) {
    String usage = files.read(folder.resolve("memory.current"));
    String stat = files.read(folder.resolve("memory.stat"));
    String limit = files.read(folder.resolve("memory.max"));
    if (usage == null || stat == null || limit == null) {
      return null; // the controller is not on for this group
    }
    KeyedFile counted = KeyedFile.parse(stat);
    return new GroupUsage.Memory(
        Long.parseLong(usage),
        counted.get("inactive_file"),
        counted.get("anon"),
        counted.get("pgfault"),
        counted.get("pgmajfault"),
        GroupUsage.limit(limit));
  }

  private static GroupUsage.@Nullable Swap swap(Path folder, KeptFiles files) {
    String usage = files.read(folder.resolve("memory.swap.current"));
    String limit = files.read(folder.resolve("memory.swap.max"));
    return usage == null || limit == null
        ? null
        : new GroupUsage.Swap(Long.parseLong(usage), GroupUsage.limit(limit));
  }

  @Override
  public GroupDetails details(String group) {
    Path folder = folder(group).path();
    KeyedFile time = DetailFiles.keyed(folder.resolve("cpu.stat"));
    return new GroupDetails(
        new GroupDetails.Processor(
            TimeUnit.MICROSECONDS.toNanos(time.get("user_usec")),
            TimeUnit.MICROSECONDS.toNanos(time.get("system_usec")),
            time.get("nr_periods"),
            time.get("nr_throttled"),
            TimeUnit.MICROSECONDS.toNanos(time.get("throttled_usec"))),
        memoryDetails(folder),
        DetailFiles.number(folder.resolve("pids.current")),
        DetailFiles.number(folder.resolve("pids.max")),
        DetailFiles.devices(folder.resolve("io.stat")),
        DetailFiles.hugePages(folder, "current", "peak"));
  }

  private static GroupDetails.Memory memoryDetails(Path folder) {
    KeyedFile stat = DetailFiles.keyed(folder.resolve("memory.stat"));
    KeyedFile events = DetailFiles.keyed(folder.resolve("memory.events"));
    return new GroupDetails.Memory(
        stat.get("file"),
        stat.get("file_mapped"),
        stat.get("kernel"),
        DetailFiles.number(folder.resolve("memory.peak")),
        events.get("max"),
        events.get("oom_kill"),
        stat.get("pgfault"),
        stat.get("pgmajfault"));
  }

  @Override
  public boolean exists(String group) {
    return folder(group).exists();
  }

  @Override
  public CgroupFolder folder(String group) {
    return new CgroupFolder(Controllers.below(root, group));
  }
}
