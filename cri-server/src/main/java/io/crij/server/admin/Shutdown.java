package io.crij.server.admin;

import io.crij.admin.v1.ShutdownRequest;
import io.crij.admin.v1.ShutdownResponse;
import io.crij.runtime.service.RuntimeService;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/**
 * Ends crijd as SIGTERM does, and before it the monitor if asked; that fails while containers live.
 */
@Singleton
final class Shutdown {
  private final Provider<RuntimeService> runtime;

  Shutdown(Provider<RuntimeService> runtime) {
    this.runtime = runtime;
  }

  ShutdownResponse shutdown(ShutdownRequest request) {
    if (request.getWithMonitor()) {
      runtime.get().endMonitor();
    }
    // On its own thread: the exit waits for calls under way, and this is one.
    Thread.ofPlatform().name("shutdown").start(() -> System.exit(0));
    return ShutdownResponse.getDefaultInstance();
  }
}
