package io.crij.runtime;

import java.util.function.Supplier;

/** The settings of the runtime service as they are now: who makes something reads them once. */
public final class LiveConfig implements Supplier<RuntimeServiceConfig> {
  private volatile RuntimeServiceConfig config;

  public LiveConfig(RuntimeServiceConfig config) {
    this.config = config;
  }

  @Override
  public RuntimeServiceConfig get() {
    return config;
  }

  /** Takes those over that may change while the service runs; the others stay. */
  public void apply(RuntimeServiceConfig changed) {
    config = config.withLive(changed);
  }
}
