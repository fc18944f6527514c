package io.crij.server.config.container;

import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.CpuSettings;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.config.given.NamedTable;
import java.util.HashMap;
import java.util.Map;

/** Turns what was given of containers and pods into their settings. */
public final class ContainerReader {
  private final Given given;

  public ContainerReader(Given given) {
    this.given = given;
  }

  /**
   * @throws io.crij.server.config.given.ConfigException for the first thing that is wrong
   */
  public ContainerSettings read() {
    return new ContainerSettings(
        new ProcessReader(given).read(),
        new MountReader(given).read(),
        new DeviceReader(given).read(),
        given.paths(Key.HOOKS_DIR),
        new SysctlReader(given).read(),
        handlers(),
        new WorkloadReader(given).read(),
        new CpuSettings(
            CpuList.of(given, Key.INFRA_CTR_CPUSET), CpuList.of(given, Key.SHARED_CPUSET)));
  }

  private Map<String, HandlerSettings> handlers() {
    Map<String, HandlerSettings> handlers = new HashMap<>();
    given
        .tables(NamedTable.RUNTIMES)
        .forEach((name, table) -> handlers.put(name, new HandlerReader(name, table).read()));
    return handlers;
  }
}
