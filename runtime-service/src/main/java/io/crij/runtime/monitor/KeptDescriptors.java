package io.crij.runtime.monitor;

import io.crij.linux.Fd;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Kept;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of all living containers, so that they outlive the monitor: it has them too, and
 * each is the other's keeper.
 */
final class KeptDescriptors {
  /** What is kept of a container. */
  record Container(ContainerRecord record, List<FdKind> kinds, List<Fd> descriptors) {
    Container {
      kinds = List.copyOf(kinds);
      descriptors = List.copyOf(descriptors);
    }

    @Nullable Fd find(FdKind kind) {
      int index = kinds.indexOf(kind);
      return index < 0 ? null : descriptors.get(index);
    }

    void close() {
      descriptors.forEach(Fd::close);
    }
  }

  private final Map<String, Container> containers = new HashMap<>();

  /** Takes what a Kept frame brought, in place of what was kept of the container before. */
  synchronized void put(Kept kept, List<Fd> descriptors) {
    Container container = new Container(kept.getRecord(), kept.getFdsList(), descriptors);
    Container before = containers.put(kept.getContainerId(), container);
    if (before != null) {
      before.close();
    }
  }

  /** Closes one of a container's descriptors. */
  synchronized void drop(String id, FdKind kind) {
    Container container = containers.get(id);
    int index = container == null ? -1 : container.kinds().indexOf(kind);
    if (container != null && index >= 0) {
      List<FdKind> kinds = new ArrayList<>(container.kinds());
      List<Fd> descriptors = new ArrayList<>(container.descriptors());
      kinds.remove(index);
      descriptors.remove(index).close();
      containers.put(id, new Container(container.record(), kinds, descriptors));
    }
  }

  synchronized void remove(String id) {
    Container container = containers.remove(id);
    if (container != null) {
      container.close();
    }
  }

  /** All of this moment. Their descriptors stay open until {@link #put} or {@link #remove}. */
  synchronized List<Container> all() {
    return List.copyOf(containers.values());
  }

  /**
   * Sends a signal to the container's first process.
   *
   * @return false when nothing is kept of the container, or the process was reaped
   */
  synchronized boolean signal(String id, int signal) {
    Container container = containers.get(id);
    Fd fd = container == null ? null : container.find(FdKind.FD_KIND_PIDFD);
    return fd != null && Pidfd.owning(fd).signal(signal);
  }

  /** Sends a signal to a process that nothing is kept of. */
  static boolean signal(ProcessId process, int signal) {
    try (Pidfd pidfd = Pidfd.open(process)) {
      return pidfd != null && pidfd.signal(signal);
    }
  }

  synchronized void close() {
    containers.values().forEach(Container::close);
    containers.clear();
  }
}
