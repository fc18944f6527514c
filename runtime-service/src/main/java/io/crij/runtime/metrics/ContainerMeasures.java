package io.crij.runtime.metrics;

import io.crij.cri.v1.FilesystemUsage;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.linux.LinuxException;
import io.crij.linux.cgroup.Controllers;
import io.crij.linux.cgroup.GroupDetails;
import io.crij.linux.cgroup.GroupUsage;
import io.crij.linux.cgroup.OpenFiles;
import io.crij.linux.cgroup.Pressure;
import io.crij.linux.mount.FileSystemSpace;
import io.crij.linux.process.ProcessId;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.stats.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The metrics of containers, by what they are of. */
final class ContainerMeasures {
  private static final Path BLOCK_DEVICES = Path.of("/sys/dev/block");

  private final Controllers controllers;
  private final Map<String, FilesystemUsage> layers;
  private final Map<String, Disk> disks = new HashMap<>();

  /**
   * @param layers what writable layers take, by the containers' ids
   */
  ContainerMeasures(Controllers controllers, Map<String, FilesystemUsage> layers) {
    this.controllers = controllers;
    this.layers = layers;
  }

  /**
   * Adds all of a container.
   *
   * @return false if it went away meanwhile: then some are 0 or of before
   */
  boolean add(MetricSet to, Container container, Sample sample) {
    GroupDetails details = controllers.details(container.limitedCgroup());
    addProcessor(to, sample.usage(), details.processor());
    GroupUsage.Memory memory = sample.usage().memory();
    if (memory != null) {
      addMemory(to, memory, details.memory());
    }
    GroupUsage.Swap swap = sample.usage().swap();
    to.add(MetricName.MEMORY_SWAP, swap == null ? 0 : swap.usageBytes());
    addPressures(to, sample.usage().pressures());
    addProcesses(to, container, details);
    addResources(to, container.config().getLinux().getResources());
    addLimits(to, sample.usage());
    details.devices().forEach(device -> addDevice(to, device));
    for (GroupDetails.HugePages pages : details.hugePages()) {
      to.add(MetricName.HUGE_PAGE_BYTES, pages.usageBytes(), pages.size());
      to.add(MetricName.HUGE_PAGE_MAX_BYTES, pages.maxUsageBytes(), pages.size());
    }
    FilesystemUsage layer = layers.get(container.id());
    if (layer != null) {
      addLayer(to, layer);
    }
    if (container.life().startedAt() != 0) {
      to.addNanos(MetricName.START_TIME, container.life().startedAt());
    }
    to.addNanos(MetricName.LAST_SEEN, to.at());
    return controllers.exists(container.cgroupPath());
  }

  private static void addProcessor(
      MetricSet to, GroupUsage usage, GroupDetails.Processor processor) {
    to.addNanos(MetricName.CPU_USAGE_SECONDS, usage.cpuNanos(), "total")
        .addNanos(MetricName.CPU_USER_SECONDS, processor.userNanos())
        .addNanos(MetricName.CPU_SYSTEM_SECONDS, processor.systemNanos())
        .add(MetricName.CPU_PERIODS, processor.periods())
        .add(MetricName.CPU_THROTTLED_PERIODS, processor.throttledPeriods())
        .addNanos(MetricName.CPU_THROTTLED_SECONDS, processor.throttledNanos());
  }

  private static void addMemory(MetricSet to, GroupUsage.Memory memory, GroupDetails.Memory more) {
    to.add(MetricName.MEMORY_USAGE, memory.usageBytes())
        .add(MetricName.MEMORY_WORKING_SET, memory.workingSetBytes())
        .add(MetricName.MEMORY_RSS, memory.rssBytes())
        .add(MetricName.MEMORY_CACHE, more.cacheBytes())
        .add(MetricName.MEMORY_MAPPED, more.mappedBytes())
        .add(MetricName.MEMORY_KERNEL, more.kernelBytes())
        .add(MetricName.MEMORY_MAX_USAGE, more.maxUsageBytes())
        .add(MetricName.MEMORY_FAILURES, more.limitHits())
        .add(MetricName.OOM_EVENTS, more.oomKills())
        .add(MetricName.PAGE_FAULTS, more.ownFaults(), "pgfault", "container")
        .add(MetricName.PAGE_FAULTS, memory.faults(), "pgfault", "hierarchy")
        .add(MetricName.PAGE_FAULTS, more.ownMajorFaults(), "pgmajfault", "container")
        .add(MetricName.PAGE_FAULTS, memory.majorFaults(), "pgmajfault", "hierarchy");
  }

  private static void addPressures(MetricSet to, GroupUsage.Pressures pressures) {
    add(to, pressures.cpu(), MetricName.PRESSURE_CPU_STALLED, MetricName.PRESSURE_CPU_WAITING);
    add(
        to,
        pressures.memory(),
        MetricName.PRESSURE_MEMORY_STALLED,
        MetricName.PRESSURE_MEMORY_WAITING);
    add(to, pressures.io(), MetricName.PRESSURE_IO_STALLED, MetricName.PRESSURE_IO_WAITING);
  }

  private static void add(
      MetricSet to, @Nullable Pressure pressure, MetricName stalled, MetricName waiting) {
    if (pressure != null) {
      to.addNanos(stalled, pressure.full().totalNanos());
      to.addNanos(waiting, pressure.some().totalNanos());
    }
  }

  private void addProcesses(MetricSet to, Container container, GroupDetails details) {
    List<Integer> pids = controllers.folder(container.cgroupPath()).processes();
    OpenFiles open = OpenFiles.of(pids);
    to.add(MetricName.PROCESSES, pids.size())
        .add(MetricName.THREADS, details.threads())
        .add(MetricName.THREADS_MAX, details.threadsMax())
        .add(MetricName.FILE_DESCRIPTORS, open.descriptors());
    open.sockets().ifPresent(sockets -> to.add(MetricName.SOCKETS, sockets));
    ProcessId first = container.life().process();
    if (first != null && first.isAlive()) {
      to.add(MetricName.ULIMITS_SOFT, OpenFiles.softLimit(first.pid()), "max_open_files");
    }
  }

  private static void addResources(MetricSet to, LinuxContainerResources resources) {
    to.add(MetricName.SPEC_CPU_PERIOD, resources.getCpuPeriod())
        .add(MetricName.SPEC_CPU_SHARES, resources.getCpuShares())
        .add(MetricName.SPEC_MEMORY_RESERVATION, reservation(resources));
    if (resources.getCpuQuota() > 0) {
      to.add(MetricName.SPEC_CPU_QUOTA, resources.getCpuQuota());
    }
  }

  /** Of the cgroup: without one of swap in the request there is one where memory has a limit. */
  private static void addLimits(MetricSet to, GroupUsage usage) {
    GroupUsage.Memory memory = usage.memory();
    GroupUsage.Swap swap = usage.swap();
    long limit = memory == null ? GroupUsage.UNLIMITED : memory.limitBytes();
    long swapLimit = swap == null ? GroupUsage.UNLIMITED : swap.limitBytes();
    boolean isLimited = limit != GroupUsage.UNLIMITED;
    boolean isSwapLimited = isLimited && swapLimit != GroupUsage.UNLIMITED;
    to.add(MetricName.SPEC_MEMORY_LIMIT, isLimited ? limit : 0)
        .add(MetricName.SPEC_MEMORY_SWAP_LIMIT, isSwapLimited ? limit + swapLimit : 0);
  }

  private static long reservation(LinuxContainerResources resources) {
    String bytes = resources.getUnifiedMap().getOrDefault("memory.min", "0");
    try {
      return Long.parseLong(bytes);
    } catch (NumberFormatException _) {
      return 0; // "max"
    }
  }

  private static void addDevice(MetricSet to, GroupDetails.DeviceUse use) {
    String device = device(use.number());
    int colon = use.number().indexOf(':');
    String major = use.number().substring(0, Math.max(0, colon));
    String minor = use.number().substring(colon + 1);
    to.add(MetricName.FS_READ_BYTES, use.readBytes(), device)
        .add(MetricName.FS_READS, use.reads(), device)
        .add(MetricName.FS_WRITTEN_BYTES, use.writtenBytes(), device)
        .add(MetricName.FS_WRITES, use.writes(), device)
        .add(MetricName.BLOCK_DEVICE_BYTES, use.readBytes(), device, major, minor, "Read")
        .add(MetricName.BLOCK_DEVICE_BYTES, use.writtenBytes(), device, major, minor, "Write");
  }

  /** {@code /dev/vda} for {@code 253:0}; what the kernel calls it if it has no name. */
  private static String device(String number) {
    try {
      Path link = Files.readSymbolicLink(BLOCK_DEVICES.resolve(number));
      return "/dev/" + link.getFileName();
    } catch (IOException _) {
      return number;
    }
  }

  private void addLayer(MetricSet to, FilesystemUsage layer) {
    Disk disk = disks.computeIfAbsent(layer.getFsId().getMountpoint(), Disk::of);
    if (disk != null) {
      to.add(MetricName.FS_USAGE_BYTES, layer.getUsedBytes().getValue(), disk.device())
          .add(MetricName.FS_LIMIT_BYTES, disk.space().totalBytes(), disk.device())
          .add(MetricName.FS_INODES, disk.space().inodes(), disk.device())
          .add(MetricName.FS_INODES_FREE, disk.space().freeInodes(), disk.device());
    }
  }

  /** Where writable layers are; to find its device the JDK reads all mounts of the node. */
  private record Disk(String device, FileSystemSpace space) {
    /** Null when it is gone. */
    static @Nullable Disk of(String folder) {
      Path path = Path.of(folder);
      try {
        return new Disk(Files.getFileStore(path).name(), FileSystemSpace.of(path));
      } catch (IOException | LinuxException _) {
        return null;
      }
    }
  }
}
