package io.crij.runtime.service;

import io.crij.records.Database;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.events.ContainerEvents;
import io.crij.runtime.meters.NodeMeters;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;
import io.crij.runtime.stats.Sampler;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The records of pods and containers. */
record Stores(SandboxStore sandboxes, ContainerStore containers) {
  /** Who is told of their changes. */
  record Told(ContainerEvents events, Sampler sampler, NodeMeters meters) {}

  static Stores open(Database database, Path runroot, Told told) {
    BiConsumer<@Nullable Sandbox, @Nullable Sandbox> ofSandboxes = told.events()::sandboxChanged;
    BiConsumer<@Nullable Container, @Nullable Container> ofContainers =
        told.events()::containerChanged;
    return new Stores(
        SandboxStore.open(database, runroot, ofSandboxes.andThen(told.sampler()::sandboxChanged)),
        ContainerStore.open(
            database,
            runroot,
            ofContainers
                .andThen(told.sampler()::containerChanged)
                .andThen(told.meters()::containerChanged)));
  }
}
