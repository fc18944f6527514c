package io.crij.runtime.container.steps;

import io.crij.image.ImageException;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import io.crij.monitor.v1.FailureCode;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerFolder;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.names.Names;
import io.crij.runtime.oci.OciRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes down what a container has on the node. Each step can be repeated, "already gone" is
 * success, and the failure of one does not keep the others from being done.
 */
public final class ContainerTeardown {
  private static final Logger log = LoggerFactory.getLogger(ContainerTeardown.class);
  private static final Duration KILL = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Parts parts;
  private final Names names;
  private final ContainerLocks locks;
  private final ImageMounts imageMounts;

  public ContainerTeardown(Parts parts, Names names, ContainerLocks locks) {
    this.parts = parts;
    this.names = names;
    this.locks = locks;
    this.imageMounts = new ImageMounts(parts.images());
  }

  /**
   * Removes a container that does not run, its record last.
   *
   * @throws ServiceException.Internal naming what could not be removed; to be repeated
   */
  public void remove(String id) {
    boolean _ =
        locks.locked(
            id,
            () -> {
              Container container = parts.store().record(id);
              if (container != null) {
                remove(container);
              }
              return true;
            });
    locks.forget(id);
  }

  private void remove(Container container) {
    List<RuntimeException> failures = new ArrayList<>();
    attempt(failures, () -> removeFromRuntime(container));
    attempt(failures, () -> removeVolumes(container));
    attempt(failures, () -> removeRootfs(container));
    if (failures.isEmpty()) {
      // Not before: it holds the mount point.
      attempt(failures, () -> removeFolder(container.folder()));
    }
    if (!failures.isEmpty()) {
      StringBuilder message = new StringBuilder("remove container " + container.id() + ": ");
      failures.forEach(failure -> message.append(failure.getMessage()).append("; "));
      throw new ServiceException.Internal(
          message.append("to be tried again").toString(), failures.getFirst());
    }
    parts.store().remove(container.id());
    names.release(container.name(), container.id());
  }

  private static void attempt(List<RuntimeException> failures, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  /** From the OCI runtime, killing what lives; then its cgroup; then from the monitor. */
  void removeFromRuntime(Container container) {
    long deadline = System.nanoTime() + KILL.toNanos();
    while (!triedRemovalFromRuntime(container)) {
      if (System.nanoTime() - deadline > 0) {
        throw new ServiceException.Internal("the monitor says that it lives");
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ServiceException.Internal("interrupted while it ended", e);
      }
    }
  }

  /**
   * False when the monitor says that it lives: it has not seen its end yet, or had only begun to
   * create it when the runtime was asked to delete it.
   */
  private boolean triedRemovalFromRuntime(Container container) {
    OciRuntime runtime = parts.handlers().runtime(container.runtime());
    ServiceException failure = null;
    if (runtime == null) {
      log.warn(
          "container {}: its runtime handler {} is not configured any more; removed without it",
          container.id(),
          container.handler());
    } else {
      failure = failureToDelete(runtime, container);
    }
    parts.cgroups().kill(container.cgroupPath(), KILL);
    if (!parts.cgroups().remove(container.cgroupPath(), KILL)) {
      throw new ServiceException.Internal("cgroup " + container.cgroupPath() + " is still in use");
    }
    if (runtime != null && failure != null) {
      // Nothing of it lives: the runtime's record is all that is left, and may be damaged.
      log.warn("container {}: {}; removed without it", container.id(), failure.getMessage());
      removeTree(runtime.record(container.id()));
    }
    try {
      parts.monitor().forget(container.id());
      return true;
    } catch (MonitorFailure e) {
      if (e.code() == FailureCode.FAILURE_CODE_INVALID) {
        return false;
      }
      throw new ServiceException.Internal("monitor: " + e.getMessage(), e);
    }
  }

  private static @Nullable ServiceException failureToDelete(
      OciRuntime runtime, Container container) {
    try {
      runtime.delete(container.id());
      return null;
    } catch (ServiceException.Internal e) {
      return e;
    }
  }

  void removeRootfs(Container container) {
    try {
      parts.images().rootfs().remove(container.id(), container.folder().rootfs());
    } catch (ImageException e) {
      throw new ServiceException.Internal("root file system: " + e.getMessage(), e);
    }
  }

  void removeVolumes(Container container) {
    imageMounts.remove(container);
  }

  void removeFolder(ContainerFolder folder) {
    removeTree(folder.path());
  }

  private static void removeTree(Path path) {
    Path above = path.getParent();
    if (above == null || !Files.exists(path)) {
      return;
    }
    try (Tree parent = Tree.open(above)) {
      parent.root().remove(Name.of(path.getFileName().toString()));
    } catch (LinuxException e) {
      throw new ServiceException.Internal("folder " + path + ": " + e.getMessage(), e);
    }
  }
}
