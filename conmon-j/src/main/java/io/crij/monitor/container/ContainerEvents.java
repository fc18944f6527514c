package io.crij.monitor.container;

import io.crij.monitor.v1.Exited;

/** Told on the loop's thread what becomes of containers. */
public interface ContainerEvents {
  /** A container lives, with these descriptors. */
  void living(Container container);

  /** A container has ended; written to its exit file already. */
  void exited(Exited exited);

  /** The kernel has killed a process of the container for want of memory. */
  void outOfMemory(String containerId);
}
