package io.crij.runtime.cni;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether pods can be attached now, which plugins of version 1.1 are asked (CNI spec, section 2,
 * STATUS). However many want to know it, the plugins run once at a time: those who wait share the
 * answer.
 */
final class NetworkReadiness {
  private record Answer(long askedAtNanos, String reason) {}

  private final NetworkConfigs configs;
  private final Plugins plugins;
  private final ReentrantLock asking = new ReentrantLock();
  private @Nullable Answer last;

  NetworkReadiness(NetworkConfigs configs, Plugins plugins) {
    this.configs = configs;
    this.plugins = plugins;
  }

  /**
   * @return empty when pods can be attached; otherwise the reason
   */
  String notReadyReason() {
    long called = System.nanoTime();
    asking.lock();
    try {
      Answer known = last;
      if (known == null || known.askedAtNanos() - called < 0) {
        known = new Answer(System.nanoTime(), ask());
        last = known;
      }
      return known.reason();
    } finally {
      asking.unlock();
    }
  }

  private String ask() {
    try {
      NetworkConfig config = configs.current();
      if (config.version().hasGcAndStatus()) {
        for (var plugin : config.plugins()) {
          plugins.forNetwork(
              "STATUS", config.request(plugin, NetworkConfig.JSON.createObjectNode()));
        }
      }
      return "";
    } catch (CniException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
