package io.crij.monitor.systemd;

import io.crij.linux.LinuxException;
import io.crij.linux.systemd.PassedDescriptors;
import io.crij.linux.systemd.Systemd;
import io.crij.monitor.container.Container;
import io.crij.monitor.container.ContainerEvents;
import io.crij.monitor.container.Inherited;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedContainer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Copies of all descriptors of living containers, kept by the service manager; on the loop's
 * thread.
 */
public final class DescriptorStore implements ContainerEvents {
  private final Systemd manager;
  private final Set<StoredName> stored = new HashSet<>();

  public DescriptorStore(Systemd manager) {
    this.manager = manager;
  }

  /** Takes what the service manager has kept of a monitor that died. */
  public void takeBack(List<PassedDescriptors.Passed> passed, Inherited inherited) {
    for (PassedDescriptors.Passed descriptor : passed) {
      StoredName name = StoredName.parse(descriptor.name());
      if (name == null) {
        StderrLog.info("a descriptor was passed that is none of ours: " + descriptor.name());
        descriptor.fd().close();
      } else {
        stored.add(name);
        inherited.putKept(name.idPrefix(), name.kind(), descriptor.fd());
      }
    }
  }

  /** The program before this one in the process has stored what it hands over. */
  public void resume(HandOver before) {
    for (HandedContainer container : before.getContainersList()) {
      String id = container.getRecord().getConfig().getContainerId();
      container
          .getDescriptorsList()
          .forEach(descriptor -> stored.add(StoredName.of(descriptor.getKind(), id)));
    }
  }

  /** Drops what is stored of containers that are not there any more. */
  public void retain(Collection<Container> containers) {
    Set<String> known =
        containers.stream()
            .map(c -> c.id().substring(0, StoredName.PREFIX_DIGITS))
            .collect(Collectors.toSet());
    for (StoredName name : List.copyOf(stored)) {
      if (!known.contains(name.idPrefix())) {
        remove(name);
      }
    }
  }

  @Override
  public void living(Container container) {
    container
        .toKeep()
        .forEach((kind, fd) -> {
          StoredName name = StoredName.of(kind, container.id());
          if (stored.add(name)) {
            try {
              manager.store(name.toString(), fd);
            } catch (LinuxException e) {
              StderrLog.failure("container " + container.id() + " is not in the store", e);
            }
          }
        });
  }

  /** Its streams stay: others may hold them, and are logged on. */
  @Override
  public void exited(Exited exited) {
    remove(StoredName.of(FdKind.FD_KIND_PIDFD, exited.getContainerId()));
    remove(StoredName.of(FdKind.FD_KIND_STDIN, exited.getContainerId()));
  }

  @Override
  public void forgotten(String containerId) {
    for (FdKind kind : FdKind.values()) {
      remove(StoredName.of(kind, containerId));
    }
  }

  /** As long as the store has its writing end, the container sees no end of its input. */
  @Override
  public void stdinClosed(String containerId) {
    remove(StoredName.of(FdKind.FD_KIND_STDIN, containerId));
  }

  @Override
  public void outOfMemory(String containerId, long kills) {
    // It lives, or is told of by its exit.
  }

  private void remove(StoredName name) {
    if (stored.remove(name)) {
      manager.unstore(name.toString());
    }
  }
}
