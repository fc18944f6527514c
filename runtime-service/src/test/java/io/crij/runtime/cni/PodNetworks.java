package io.crij.runtime.cni;

import io.crij.records.Database;
import io.crij.runtime.RuntimeServiceConfig;
import java.time.Duration;

/** Networks whose plugins have less time. */
public final class PodNetworks {
  private PodNetworks() {}

  public static PodNetwork open(
      RuntimeServiceConfig.Network config, Database database, Duration pluginLimit) {
    return PodNetwork.open(config, database, pluginLimit);
  }
}
