package io.crij.runtime.cni;

import io.crij.records.Database;
import io.crij.runtime.RuntimeServiceConfig;
import java.time.Duration;

/** Networks whose plugins have less time, and are told more often what is in use. */
public final class PodNetworks {
  private PodNetworks() {}

  public static PodNetwork open(
      RuntimeServiceConfig.Network config,
      Database database,
      Duration pluginLimit,
      Duration garbage) {
    return PodNetwork.open(config, database, new PodNetwork.Times(pluginLimit, garbage));
  }
}
