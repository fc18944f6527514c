package io.crij.server.config.container;

import io.crij.runtime.ServiceException;
import io.crij.runtime.sandbox.SandboxSysctls;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.util.HashMap;
import java.util.Map;

/** Kernel parameters of pods, {@code name=value} each. */
final class SysctlReader {
  private final Given given;

  SysctlReader(Given given) {
    this.given = given;
  }

  Map<String, String> read() {
    Map<String, String> sysctls = new HashMap<>();
    for (String entry : given.get(Key.DEFAULT_SYSCTLS).strings()) {
      int equals = entry.indexOf('=');
      if (equals < 0) {
        throw given.wrong(Key.DEFAULT_SYSCTLS, "'" + entry + "' is not name=value");
      }
      String name = entry.substring(0, equals).strip();
      String value = entry.substring(equals + 1).strip();
      try {
        SandboxSysctls.check(name, value);
      } catch (ServiceException.InvalidArgument e) {
        throw given.wrong(Key.DEFAULT_SYSCTLS, "'" + entry + "': " + e.getMessage());
      }
      if (sysctls.put(name, value) != null) {
        throw given.wrong(Key.DEFAULT_SYSCTLS, "'" + name + "' twice");
      }
    }
    return sysctls;
  }
}
