package io.crij.runtime.oci.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@link NodeFacts} from proc(5) and sysfs(5). */
final class NodeFactsReader {
  private static final int SIZE_LIMIT = 64 << 10;
  private static final Map<String, String> LIMITS = limits();

  private final Path root;

  /**
   * @param root where {@code proc} and {@code sys} are
   */
  NodeFactsReader(Path root) {
    this.root = root;
  }

  NodeFacts read() {
    Set<String> bounding = new TreeSet<>();
    BigInteger set = new BigInteger(statusField("CapBnd"), 16);
    for (int i = 0; i < CapabilityNames.BY_NUMBER.size(); i++) {
      if (set.testBit(i)) {
        bounding.add(CapabilityNames.BY_NUMBER.get(i));
      }
    }
    return new NodeFacts(
        bounding,
        Integer.parseInt(text("proc/sys/kernel/cap_last_cap")),
        Integer.parseInt(text("proc/self/oom_score_adj")),
        new BigInteger(statusField("CapEff"), 16)
            .testBit(CapabilityNames.number("CAP_SYS_RESOURCE")),
        resourceLimits(),
        cgroups(),
        hugepageSizes(),
        lastOf("sys/devices/system/cpu/possible"),
        lastOf("sys/devices/system/node/possible"),
        Files.exists(root.resolve("proc/sys/kernel/seccomp/actions_avail")),
        SelinuxPolicy.read(root));
  }

  /**
   * Own limits, but the soft number of open files as the node's first process has it: the JVM has
   * raised its own.
   */
  private List<ResourceLimit> resourceLimits() {
    ResourceLimit openFiles = limitsOf("proc/1/limits").get("RLIMIT_NOFILE");
    List<ResourceLimit> limits = new ArrayList<>();
    for (ResourceLimit own : limitsOf("proc/self/limits").values()) {
      limits.add(
          openFiles != null && own.type().equals(openFiles.type())
              ? new ResourceLimit(own.type(), openFiles.soft().min(own.hard()), own.hard())
              : own);
    }
    return limits;
  }

  private Map<String, ResourceLimit> limitsOf(String file) {
    Map<String, ResourceLimit> limits = new LinkedHashMap<>();
    for (String line : text(file).lines().toList()) {
      for (Map.Entry<String, String> limit : LIMITS.entrySet()) {
        if (line.startsWith(limit.getKey())) {
          String[] values = line.substring(limit.getKey().length()).strip().split("\\s+", 3);
          limits.put(
              limit.getValue(),
              new ResourceLimit(limit.getValue(), limitValue(values[0]), limitValue(values[1])));
        }
      }
    }
    return limits;
  }

  private static BigInteger limitValue(String text) {
    return text.equals("unlimited") ? ResourceLimit.UNLIMITED : new BigInteger(text);
  }

  private CgroupFacts cgroups() {
    Path mount = root.resolve("sys/fs/cgroup");
    String unified = textOr("sys/fs/cgroup/cgroup.controllers", "");
    if (!unified.isEmpty()) {
      // Not in the root group: a file only groups below it have.
      boolean swap = Files.exists(root.resolve("proc/swaps"));
      return new CgroupFacts(true, Set.of(unified.split(" ", -1)), swap);
    }
    Set<String> controllers = new TreeSet<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(mount)) {
      for (Path folder : folders) {
        if (Files.exists(folder.resolve("cgroup.procs"))) {
          // Hierarchies of several controllers are named cpu,cpuacct.
          controllers.addAll(List.of(folder.getFileName().toString().split(",", -1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("list cgroup controllers in " + mount, e);
    }
    return new CgroupFacts(
        false,
        controllers,
        Files.exists(mount.resolve("memory").resolve("memory.memsw.limit_in_bytes")));
  }

  private Set<String> hugepageSizes() {
    Set<String> sizes = new TreeSet<>();
    Path folder = root.resolve("sys/kernel/mm/hugepages");
    if (!Files.isDirectory(folder)) {
      return sizes;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, "hugepages-*kB")) {
      for (Path size : folders) {
        String name = size.getFileName().toString();
        long kilobytes = Long.parseLong(name.substring("hugepages-".length(), name.length() - 2));
        sizes.add(HugepageSize.name(kilobytes << 10));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("list page sizes in " + folder, e);
    }
    return sizes;
  }

  private String statusField(String name) {
    return text("proc/self/status")
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no field " + name + " in /proc/self/status"));
  }

  // Lists such as "0-3,8": the last number is the highest.
  private int lastOf(String file) {
    String list = textOr(file, "0");
    return Integer.parseInt(
        list.substring(Math.max(list.lastIndexOf('-'), list.lastIndexOf(',')) + 1));
  }

  private String textOr(String file, String absent) {
    return Files.exists(root.resolve(file)) ? text(file) : absent;
  }

  private String text(String file) {
    Path path = root.resolve(file);
    // Not Files.readString: it reads one byte first, and numbers in /proc/sys are then at their
    // end.
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(SIZE_LIMIT), StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("read " + path, e);
    }
  }

  private static Map<String, String> limits() {
    Map<String, String> limits = new LinkedHashMap<>();
    limits.put("Max cpu time", "RLIMIT_CPU");
    limits.put("Max file size", "RLIMIT_FSIZE");
    limits.put("Max data size", "RLIMIT_DATA");
    limits.put("Max stack size", "RLIMIT_STACK");
    limits.put("Max core file size", "RLIMIT_CORE");
    limits.put("Max resident set", "RLIMIT_RSS");
    limits.put("Max processes", "RLIMIT_NPROC");
    limits.put("Max open files", "RLIMIT_NOFILE");
    limits.put("Max locked memory", "RLIMIT_MEMLOCK");
    limits.put("Max address space", "RLIMIT_AS");
    limits.put("Max file locks", "RLIMIT_LOCKS");
    limits.put("Max pending signals", "RLIMIT_SIGPENDING");
    limits.put("Max msgqueue size", "RLIMIT_MSGQUEUE");
    limits.put("Max nice priority", "RLIMIT_NICE");
    limits.put("Max realtime priority", "RLIMIT_RTPRIO");
    limits.put("Max realtime timeout", "RLIMIT_RTTIME");
    return Map.copyOf(limits);
  }
}
