package io.crij.runtime.container;

import io.crij.cri.v1.HugepageLimit;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.cri.v1.UpdateContainerResourcesResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.cgroup.SavedSettings;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.steps.AssignedProcessors;
import io.crij.runtime.container.steps.ContainerLocks;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.oci.OciRuntime;
import io.crij.runtime.oci.node.HugepageSize;
import io.crij.runtime.oci.spec.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the settings of a container's cgroup while it lives. What a request leaves out stays as
 * it is.
 *
 * <p>The cgroup first, then the record: a kubelet whose request was cut short repeats it, since it
 * sees the old settings, and the same settings once more do no harm.
 */
public final class UpdateContainerResources {
  private static final Logger log = LoggerFactory.getLogger(UpdateContainerResources.class);
  private static final String INACTIVE_FILE = "inactive_file ";

  private final Parts parts;
  private final ContainerLocks locks;

  UpdateContainerResources(Parts parts, ContainerLocks locks) {
    this.parts = parts;
    this.locks = locks;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.InvalidArgument naming the field, before anything is done
   * @throws ServiceException.FailedPrecondition when it has ended, or uses more memory than it
   *     should be allowed; then it keeps what it had
   */
  public UpdateContainerResourcesResponse run(UpdateContainerResourcesRequest request) {
    if (request.hasWindows()) {
      throw new ServiceException.InvalidArgument("windows: containers of this node are of Linux");
    }
    String id = parts.store().get(request.getContainerId()).id();
    return locks.locked(
        id,
        () -> {
          Container container = parts.store().get(id);
          update(container, withShared(container, request.getLinux()));
          return UpdateContainerResourcesResponse.getDefaultInstance();
        });
  }

  private LinuxContainerResources withShared(Container container, LinuxContainerResources request) {
    return AssignedProcessors.withShared(
        container,
        parts.sandboxes().get(container.sandboxId()).config().getAnnotationsMap(),
        parts.config().get().settings(),
        request);
  }

  private void update(Container container, LinuxContainerResources request) {
    if (container.life().hasEnded()) {
      throw new ServiceException.FailedPrecondition(
          "container " + container.id() + " has ended: its resources cannot be changed");
    }
    LinuxContainerResources before = container.config().getLinux().getResources();
    LinuxContainerResources after = merged(before, request);
    byte[] settings = settings(container, after);
    boolean limited = request.getMemoryLimitInBytes() > 0;
    if (limited && parts.node().cgroups().unified()) {
      // Version 2 takes such a limit, and kills for it.
      requireFit(container, request.getMemoryLimitInBytes());
    }
    OciRuntime runtime = parts.handlers().runtime(container.runtime());
    if (runtime == null) {
      throw new ServiceException.FailedPrecondition(
          "runtime handler " + container.runtime() + " is not configured any more");
    }
    SavedSettings saved =
        SavedSettings.of(parts.cgroups(), container.limitedCgroup(), settingsOnly(request));
    try {
      apply(runtime, container, settings);
      setHugepages(container, request);
      parts.store().setResources(container.id(), after);
    } catch (OciRuntime.UpdateFailure e) {
      takeBack(container, saved);
      if (limited) {
        requireFit(container, request.getMemoryLimitInBytes());
      }
      throw new ServiceException.Internal(
          "update container " + container.id() + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      takeBack(container, saved);
      throw e;
    }
  }

  /** The files of the group that only this request names. */
  private static Set<String> settingsOnly(LinuxContainerResources request) {
    Set<String> files = new TreeSet<>(request.getUnifiedMap().keySet());
    for (HugepageLimit limit : request.getHugepageLimitsList()) {
      files.add(controller(limit) + ".limit_in_bytes");
      files.add(controller(limit) + ".max");
    }
    return files;
  }

  private static String controller(HugepageLimit limit) {
    return "hugetlb." + HugepageSize.canonical(limit.getPageSize());
  }

  /** The score of processes that run is not changed: an OCI runtime's update knows no score. */
  private static LinuxContainerResources merged(
      LinuxContainerResources before, LinuxContainerResources request) {
    LinuxContainerResources.Builder merged =
        before.toBuilder().mergeFrom(request).setOomScoreAdj(before.getOomScoreAdj());
    Map<String, HugepageLimit> limits = new LinkedHashMap<>();
    merged.getHugepageLimitsList().forEach(limit -> limits.put(limit.getPageSize(), limit));
    return merged.clearHugepageLimits().addAllHugepageLimits(limits.values()).build();
  }

  private byte[] settings(Container container, LinuxContainerResources resources) {
    long least = parts.config().get().settings().handler(container.handler()).minMemoryBytes();
    return Resources.of(resources, parts.node(), least).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void apply(OciRuntime runtime, Container container, byte[] settings)
      throws OciRuntime.UpdateFailure {
    Path file = container.folder().path().resolve("resources.json");
    try {
      Files.write(file, settings);
    } catch (IOException e) {
      throw new ServiceException.Internal("write " + file + ": " + e.getMessage(), e);
    }
    runtime.update(container.id(), file);
  }

  /** Some settings may have been changed before one could not be. */
  private static void takeBack(Container container, SavedSettings saved) {
    List<String> failures = saved.restore();
    if (!failures.isEmpty()) {
      log.error(
          "container {}: its resources are mixed of old and new: {}", container.id(), failures);
    }
  }

  private void setHugepages(Container container, LinuxContainerResources request) {
    for (HugepageLimit limit : request.getHugepageLimitsList()) {
      // OCI runtimes leave these out of an update.
      String controller = controller(limit);
      String value = Long.toUnsignedString(limit.getLimit());
      parts.cgroups().write(container.limitedCgroup(), controller + ".limit_in_bytes", value);
      parts.cgroups().write(container.limitedCgroup(), controller + ".max", value);
    }
  }

  private void requireFit(Container container, long limitBytes) {
    long used = usedBytes(container.limitedCgroup());
    if (used > limitBytes) {
      throw new ServiceException.FailedPrecondition(
          "linux.memory_limit_in_bytes: container "
              + container.id()
              + " uses "
              + used
              + " bytes, more than "
              + limitBytes);
    }
  }

  /** What cannot be given back at once; 0 where nobody counts. */
  private long usedBytes(String group) {
    ControlGroups cgroups = parts.cgroups();
    boolean unified = parts.node().cgroups().unified();
    String usage = cgroups.read(group, unified ? "memory.current" : "memory.usage_in_bytes");
    String statistics = cgroups.read(group, "memory.stat");
    if (usage == null || statistics == null) {
      return 0;
    }
    long cache =
        statistics
            .lines()
            .filter(line -> line.startsWith(INACTIVE_FILE))
            .mapToLong(line -> Long.parseLong(line.substring(INACTIVE_FILE.length())))
            .sum();
    return Long.parseLong(usage) - cache;
  }
}
