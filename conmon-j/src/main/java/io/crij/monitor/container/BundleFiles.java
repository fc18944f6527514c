package io.crij.monitor.container;

import io.crij.monitor.runtime.OciRuntimeCall;
import java.nio.file.Path;

/** What the monitor puts into a container's bundle. */
record BundleFiles(Path bundle) {
  static final String CONSOLE_SOCKET = "console.sock";

  Path pidFile() {
    return bundle.resolve("pidfile");
  }

  Path runtimeLog() {
    return bundle.resolve("runtime.log");
  }

  Path journal() {
    return bundle.resolve("journal");
  }

  void delete() {
    OciRuntimeCall.deletePidFile(pidFile());
    RunDirectory.delete(runtimeLog());
    RunDirectory.delete(journal());
    RunDirectory.delete(bundle.resolve(CONSOLE_SOCKET));
  }
}
