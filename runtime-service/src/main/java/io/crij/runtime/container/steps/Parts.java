package io.crij.runtime.container.steps;

import io.crij.image.service.ImageService;
import io.crij.runtime.LiveConfig;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.events.ContainerEvents;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.oci.apparmor.AppArmor;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.sandbox.SandboxStore;

/** What the verbs on containers work with. */
public record Parts(
    ContainerStore store,
    SandboxStore sandboxes,
    ImageService images,
    RuntimeHandlers handlers,
    Monitor monitor,
    ControlGroups cgroups,
    NodeFacts node,
    AppArmor apparmor,
    LiveConfig config,
    ContainerEvents events) {}
