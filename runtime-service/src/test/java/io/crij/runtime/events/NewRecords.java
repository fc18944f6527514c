package io.crij.runtime.events;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerFolder;
import io.crij.runtime.container.records.Lifecycle;
import io.crij.runtime.names.Ids;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

/** What is recorded of a pod and of a container that are about to be made. */
final class NewRecords {
  private NewRecords() {}

  static Sandbox sandbox(Path folder, String id) {
    return new Sandbox(
        id,
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setUid("uid"))
            .build(),
        "",
        "/crij",
        "host",
        Set.of(),
        SandboxFolder.of(folder, id),
        Instant.now(),
        "boot",
        SandboxState.CREATING);
  }

  static Container container(Path folder, String pod, String id) {
    return new Container(
        id,
        pod,
        ContainerConfig.getDefaultInstance(),
        Ids.random(),
        "",
        "",
        "runc",
        "/crij/" + id,
        "",
        15,
        "boot",
        ContainerFolder.of(folder, id),
        Lifecycle.beingMade());
  }
}
