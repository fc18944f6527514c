package io.crij.runtime.monitor;

import io.crij.monitor.v1.HelloReply;

/**
 * The monitor that runs.
 *
 * @param instance another one after each start
 */
public record MonitorInfo(String version, int pid, String instance) {
  static MonitorInfo of(HelloReply hello) {
    return new MonitorInfo(hello.getVersion(), hello.getPid(), hello.getInstance());
  }
}
