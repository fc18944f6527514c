package io.crij.runtime.oci.spec;

import io.crij.cri.v1.HugepageLimit;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.HugepageSize;
import io.crij.runtime.oci.node.NodeFacts;
import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Control group settings (runtime-spec, config-linux.md, "Control groups"). */
public final class Resources {

  // cpu.cfs_period_us and cpu.cfs_quota_us (kernel, sched-bwc).
  private static final long MINIMUM_PERIOD = 1_000;
  private static final long MAXIMUM_PERIOD = 1_000_000;
  private static final long MINIMUM_QUOTA = 1_000;

  private static final int LIST_LIMIT = 8192;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");
  private static final Pattern UNIFIED_KEY = Pattern.compile("[a-z]{1,20}\\.[A-Za-z0-9._]{1,60}");
  private static final int UNIFIED_VALUE_LIMIT = 4096;

  private final String field;
  private final long leastMemoryBytes;

  private Resources(String field, long leastMemoryBytes) {
    this.field = field;
    this.leastMemoryBytes = leastMemoryBytes;
  }

  /**
   * Makes {@code linux.resources}, without devices.
   *
   * @param minMemoryBytes the least memory limit
   * @throws ServiceException.InvalidArgument naming the field
   */
  public static ObjectNode of(
      LinuxContainerResources request, NodeFacts node, long minMemoryBytes) {
    return new Resources("linux.resources", minMemoryBytes).make(request, node);
  }

  /**
   * Sees to it that a pod can have this as a whole.
   *
   * @param field of the request, for messages
   * @throws ServiceException.InvalidArgument naming the field
   */
  public static void checkOfPod(String field, LinuxContainerResources request, NodeFacts node) {
    ObjectNode _ = new Resources(field, 1).make(request, node);
  }

  private ObjectNode make(LinuxContainerResources request, NodeFacts node) {
    ObjectNode resources = Json.object();
    setUnlessEmpty(resources, "cpu", cpu(request, node));
    setUnlessEmpty(resources, "memory", memory(request, node));
    hugepages(resources, request, node);
    unified(resources, request, node);
    return resources;
  }

  private static void setUnlessEmpty(ObjectNode resources, String name, ObjectNode part) {
    if (!part.isEmpty()) {
      resources.set(name, part);
    }
  }

  private ObjectNode cpu(LinuxContainerResources request, NodeFacts node) {
    ObjectNode cpu = Json.object();
    if (request.getCpuShares() != 0) {
      check(request.getCpuShares() > 0, "cpu_shares", request.getCpuShares());
      cpu.put("shares", request.getCpuShares());
    }
    if (request.getCpuPeriod() != 0) {
      long period = request.getCpuPeriod();
      check(period >= MINIMUM_PERIOD && period <= MAXIMUM_PERIOD, "cpu_period", period);
      cpu.put("period", period);
    }
    if (request.getCpuQuota() != 0) {
      long quota = request.getCpuQuota();
      check(quota == -1 || quota >= MINIMUM_QUOTA, "cpu_quota", quota);
      cpu.put("quota", quota);
    }
    if (!request.getCpusetCpus().isEmpty()) {
      checkList(request.getCpusetCpus(), node.highestProcessor(), "cpuset_cpus");
      cpu.put("cpus", request.getCpusetCpus());
    }
    if (!request.getCpusetMems().isEmpty()) {
      checkList(request.getCpusetMems(), node.highestMemoryNode(), "cpuset_mems");
      cpu.put("mems", request.getCpusetMems());
    }
    return cpu;
  }

  private ObjectNode memory(LinuxContainerResources request, NodeFacts node) {
    ObjectNode memory = Json.object();
    long limit = request.getMemoryLimitInBytes();
    if (limit != 0) {
      check(limit == -1 || limit >= leastMemoryBytes, "memory_limit_in_bytes", limit);
      memory.put("limit", limit);
    }
    long swap = request.getMemorySwapLimitInBytes();
    check(
        swap >= -1 && (swap <= 0 || limit <= 0 || swap >= limit),
        "memory_swap_limit_in_bytes",
        swap);
    if (node.cgroups().swapAccounting()) {
      if (swap != 0) {
        memory.put("swap", swap);
      } else if (limit > 0) {
        // Nothing said of swap: as both peers do, a limited container gets none.
        memory.put("swap", limit);
      }
    }
    return memory;
  }

  private void hugepages(ObjectNode resources, LinuxContainerResources request, NodeFacts node) {
    ArrayNode limits = Json.array();
    for (HugepageLimit limit : request.getHugepageLimitsList()) {
      String size = HugepageSize.canonical(limit.getPageSize());
      if (size == null || !node.hugepageSizes().contains(size)) {
        throw invalid("hugepage_limits", limit.getPageSize());
      }
      if (node.cgroups().has("hugetlb")) {
        ObjectNode entry = limits.addObject();
        entry.put("pageSize", size);
        entry.put("limit", new BigInteger(Long.toUnsignedString(limit.getLimit())));
      }
    }
    if (!limits.isEmpty()) {
      resources.set("hugepageLimits", limits);
    }
  }

  private void unified(ObjectNode resources, LinuxContainerResources request, NodeFacts node) {
    if (request.getUnifiedCount() == 0) {
      return;
    }
    if (!node.cgroups().unified()) {
      throw new ServiceException.InvalidArgument(
          field + ".unified: this node has cgroup v1, which has no such settings");
    }
    ObjectNode unified = resources.putObject("unified");
    for (Map.Entry<String, String> setting : request.getUnifiedMap().entrySet()) {
      if (!UNIFIED_KEY.matcher(setting.getKey()).matches()
          || setting.getValue().length() > UNIFIED_VALUE_LIMIT) {
        throw invalid("unified", setting.getKey());
      }
      unified.put(setting.getKey(), setting.getValue());
    }
  }

  // cpuset(7), "List format". Checked by its bounds, never expanded.
  private void checkList(String list, int highest, String name) {
    if (list.length() > LIST_LIMIT) {
      throw invalid(name, list.substring(0, 40) + "…");
    }
    for (String part : list.split(",", -1)) {
      Matcher range = RANGE.matcher(part);
      if (!range.matches()) {
        throw invalid(name, list);
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      if (first > last || last > highest) {
        throw invalid(name, list);
      }
    }
  }

  private void check(boolean valid, String name, long value) {
    if (!valid) {
      throw invalid(name, Long.toString(value));
    }
  }

  private ServiceException.InvalidArgument invalid(String name, String value) {
    return new ServiceException.InvalidArgument(
        field + "." + name + ": '" + value + "' is not a value this node can set");
  }
}
