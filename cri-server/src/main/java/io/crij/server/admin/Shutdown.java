package io.crij.server.admin;

import io.crij.admin.v1.ShutdownRequest;
import io.crij.admin.v1.ShutdownResponse;
import jakarta.inject.Singleton;

/** Ends crijd as SIGTERM does. */
@Singleton
final class Shutdown {
  ShutdownResponse shutdown(@SuppressWarnings("unused") ShutdownRequest request) {
    // On its own thread: the exit waits for calls under way, and this is one.
    Thread.ofPlatform().name("shutdown").start(() -> System.exit(0));
    return ShutdownResponse.getDefaultInstance();
  }
}
