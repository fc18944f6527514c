package io.crij.monitor;

import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.ProcessId;
import io.crij.monitor.v1.HelloReply;

/**
 * Which monitor this is.
 *
 * @param generation how many other programs this process has been before
 * @param managed whether a service manager starts it again when it dies
 */
record Identity(ProcessId process, int generation, boolean managed) {
  static Identity own(int generation, boolean managed) {
    return new Identity(CurrentProcess.id(), generation, managed);
  }

  static String version() {
    String version = Identity.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  @Override
  public String toString() {
    return "pid " + process.pid() + ", version " + version() + ", program " + (generation + 1);
  }

  HelloReply hello() {
    return HelloReply.newBuilder()
        .setVersion(version())
        .setPid(process.pid())
        .setInstance(process.pid() + "-" + process.startTimeTicks() + "-" + generation)
        .setManaged(managed)
        .build();
  }
}
