package io.crij.monitor;

import io.crij.monitor.container.Container;
import io.crij.monitor.container.ContainerEvents;
import io.crij.monitor.v1.Exited;
import java.util.List;

/** All who are told what becomes of containers, one after the other. */
record Listeners(List<ContainerEvents> all) implements ContainerEvents {
  Listeners {
    all = List.copyOf(all);
  }

  @Override
  public void living(Container container) {
    all.forEach(events -> events.living(container));
  }

  @Override
  public void exited(Exited exited) {
    all.forEach(events -> events.exited(exited));
  }

  @Override
  public void forgotten(String containerId) {
    all.forEach(events -> events.forgotten(containerId));
  }

  @Override
  public void stdinClosed(String containerId) {
    all.forEach(events -> events.stdinClosed(containerId));
  }

  @Override
  public void outOfMemory(String containerId, long kills) {
    all.forEach(events -> events.outOfMemory(containerId, kills));
  }
}
