package io.crij.runtime.settings;

/**
 * Processors that are set aside, as cpuset(7) lists them; empty: none.
 *
 * @param infra of containers that hold a pod's PID namespace
 * @param shared what containers with processors of their own may have besides, if their pod asks
 */
public record CpuSettings(String infra, String shared) {
  /** None. */
  public static final CpuSettings NONE = new CpuSettings("", "");
}
