package io.crij.monitor.container;

import io.crij.monitor.v1.Exited;

/** Told on the loop's thread what becomes of containers. */
public interface ContainerEvents {
  /** A container lives, with these descriptors. */
  void living(Container container);

  /** A container has ended; written to its exit file already. */
  void exited(Exited exited);

  /** A container that had ended is not known any more, and all that was held of it is closed. */
  void forgotten(String containerId);

  /** The kernel has killed processes of the container for want of memory: so many up to now. */
  void outOfMemory(String containerId, long kills);

  /** The container's stdin is closed for good. */
  void stdinClosed(String containerId);
}
