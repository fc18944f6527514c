package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.monitor.container.Container;
import io.crij.monitor.container.ContainerEvents;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Kept;
import io.crij.monitor.v1.OutOfMemory;
import io.crij.monitor.v1.StdinClosed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Clients that hold a second copy of all descriptors, and are told what happens. */
final class Keepers implements ContainerEvents {
  private final Set<ClientConnection> keepers = new LinkedHashSet<>();

  /** Makes a client a keeper; what it has to know already comes first. */
  void add(ClientConnection client, Iterable<Container> containers) {
    resume(client);
    for (Container container : containers) {
      Exited exited = container.exited();
      if (exited == null) {
        give(client, container);
      } else {
        client.send(FromMonitor.newBuilder().setExited(exited).build());
      }
    }
  }

  /** Makes a client a keeper that knows all that happened already. */
  void resume(ClientConnection client) {
    keepers.add(client);
    client.onClose(() -> keepers.remove(client));
  }

  boolean contains(ClientConnection client) {
    return keepers.contains(client);
  }

  @Override
  public void living(Container container) {
    for (ClientConnection keeper : List.copyOf(keepers)) {
      give(keeper, container);
    }
  }

  private static void give(ClientConnection keeper, Container container) {
    Kept.Builder kept =
        Kept.newBuilder().setContainerId(container.id()).setRecord(container.record());
    List<Fd> copies = new ArrayList<>();
    try {
      // Copies, because the container may be forgotten while the message waits.
      for (Map.Entry<FdKind, Fd> held : container.toKeep().entrySet()) {
        copies.add(Descriptors.duplicate(held.getValue()));
        kept.addFds(held.getKey());
      }
    } catch (LinuxException e) {
      StderrLog.failure("container " + container.id() + " has no second keeper", e);
      copies.forEach(Fd::close);
      return;
    }
    keeper.send(
        FromMonitor.newBuilder().setKept(kept).build(), copies, () -> copies.forEach(Fd::close));
  }

  @Override
  public void exited(Exited exited) {
    tell(FromMonitor.newBuilder().setExited(exited).build());
  }

  @Override
  public void forgotten(String containerId) {
    // They drop what they hold when it has ended.
  }

  @Override
  public void outOfMemory(String containerId, long kills) {
    OutOfMemory.Builder event =
        OutOfMemory.newBuilder().setContainerId(containerId).setKills(kills);
    tell(FromMonitor.newBuilder().setOutOfMemory(event).build());
  }

  @Override
  public void stdinClosed(String containerId) {
    StdinClosed.Builder event = StdinClosed.newBuilder().setContainerId(containerId);
    tell(FromMonitor.newBuilder().setStdinClosed(event).build());
  }

  private void tell(FromMonitor message) {
    for (ClientConnection keeper : List.copyOf(keepers)) {
      keeper.send(message);
    }
  }
}
