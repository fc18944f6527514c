package io.crij.e2e.survival;

import io.crij.e2e.node.Node;
import java.util.List;

/** Which of the two programs dies. */
public enum Victim {
  CRIJD,
  MONITOR,
  BOTH;

  public boolean isCrijd() {
    return this != MONITOR;
  }

  public boolean isMonitor() {
    return this != CRIJD;
  }

  /** Its processes at this moment; crijd first, which would start another monitor. */
  List<ProcessHandle> of(Node node) {
    return switch (this) {
      case CRIJD -> List.of(node.daemonProcess());
      case MONITOR -> List.of(node.monitor());
      case BOTH -> List.of(node.daemonProcess(), node.monitor());
    };
  }
}
