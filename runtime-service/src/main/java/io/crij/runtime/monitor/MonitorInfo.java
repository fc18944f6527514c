package io.crij.runtime.monitor;

/**
 * The monitor that runs.
 *
 * @param instance another one after each start
 */
public record MonitorInfo(String version, int pid, String instance) {}
