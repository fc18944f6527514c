package io.crij.runtime.container.steps;

import io.crij.cri.v1.Capability;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.LinuxSandboxSecurityContext;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.SecurityProfile;
import io.crij.cri.v1.Signal;
import io.crij.image.ImageException;
import io.crij.image.records.Image;
import io.crij.runtime.RuntimeServiceConfig.Pause;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerFolder;
import io.crij.runtime.container.records.Lifecycle;
import io.crij.runtime.container.records.Now;
import io.crij.runtime.container.records.StopSignal;
import io.crij.runtime.names.Steps;
import io.crij.runtime.oci.OciRuntime;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.rollback.Rollback;
import io.crij.runtime.sandbox.Boot;
import io.crij.runtime.sandbox.Sandbox;
import org.jspecify.annotations.Nullable;

/**
 * The container that holds the PID namespace of a pod whose containers share one, is its first
 * process, and so reaps what they leave behind. It has the pod's id, no rights and no log, and
 * lives until the pod is stopped. Pods that do not ask for it have none.
 */
public final class InfraContainer {
  /** Its share of the processor and its score, as with both peers: it does nothing, and stays. */
  private static final int CPU_SHARES = 2;

  private static final int OOM_SCORE = -998;

  private final Parts parts;
  private final ContainerMaking making;

  public InfraContainer(Parts parts, ContainerTeardown teardown) {
    this.parts = parts;
    this.making =
        new ContainerMaking(parts, teardown, () -> parts.config().get().settings().ofInfra());
  }

  /**
   * Makes and starts it. What is left of it after a failure goes with the pod's containers.
   *
   * @throws ServiceException.Unavailable when its image cannot be had
   */
  public void run(Sandbox sandbox) {
    Pause pause = parts.config().get().pause();
    Image image = image(pause.image());
    RuntimeHandlers.State handler = parts.handlers().select(sandbox.runtimeHandler());
    Container container = container(sandbox, pause, image, handler.name());
    parts.store().create(container);
    making.run(container, sandbox, image, handler, new Rollback("infra container"), new Steps());
    long at = Now.nanos();
    try {
      handler.runtime().start(container.id());
    } catch (OciRuntime.StartFailure e) {
      throw new ServiceException.Internal(
          "start the infra container of " + sandbox.id() + ": " + e.getMessage(), e);
    }
    parts.store().update(container.id(), life -> life.started(at));
  }

  private Image image(String name) {
    if (name.isEmpty()) {
      throw new ServiceException.FailedPrecondition(
          "a PID namespace that a pod's containers share needs crij.image.pause_image, which is empty");
    }
    try {
      Image image = parts.images().find(name);
      if (image == null) {
        ImageSpec wanted = ImageSpec.newBuilder().setImage(name).build();
        parts.images().pullImage(PullImageRequest.newBuilder().setImage(wanted).build());
        image = parts.images().find(name);
      }
      return present(image, name);
    } catch (ImageException e) {
      throw new ServiceException.Unavailable("pause image " + name + ": " + e.getMessage(), e);
    }
  }

  private static Image present(@Nullable Image image, String name) {
    if (image == null) {
      throw new ServiceException.Unavailable(
          "pause image " + name + " was removed while it was pulled");
    }
    return image;
  }

  private Container container(Sandbox sandbox, Pause pause, Image image, String handler) {
    String imageId = image.shownId();
    return new Container(
        sandbox.id(),
        sandbox.id(),
        config(sandbox.config().getLinux().getSecurityContext(), pause),
        imageId,
        imageId,
        pause.image(),
        handler,
        PodCgroups.container(sandbox.cgroupParent(), sandbox.id()),
        "",
        StopSignal.choose(Signal.SIGNAL_RUNTIME_DEFAULT, ""),
        Boot.id(),
        ContainerFolder.of(parts.store().runroot(), sandbox.id()),
        Lifecycle.beingMade());
  }

  private ContainerConfig config(LinuxSandboxSecurityContext pod, Pause pause) {
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder().setImage(ImageSpec.newBuilder().setImage(pause.image()));
    if (!pause.command().isEmpty()) {
      config.addCommand(pause.command());
    }
    config
        .getLinuxBuilder()
        .setResources(
            LinuxContainerResources.newBuilder()
                .setCpuShares(CPU_SHARES)
                .setOomScoreAdj(OOM_SCORE)
                .setCpusetCpus(parts.config().get().settings().cpus().infra()))
        .setSecurityContext(security(pod));
    return config.build();
  }

  /** As the pod's user, with nothing that doing nothing does not need. */
  private static LinuxContainerSecurityContext.Builder security(LinuxSandboxSecurityContext pod) {
    LinuxContainerSecurityContext.Builder security =
        LinuxContainerSecurityContext.newBuilder()
            .setReadonlyRootfs(true)
            .setNoNewPrivs(true)
            .setCapabilities(Capability.newBuilder().addDropCapabilities("ALL"))
            .setSeccomp(
                SecurityProfile.newBuilder()
                    .setProfileType(SecurityProfile.ProfileType.RuntimeDefault))
            .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER));
    if (pod.hasRunAsUser()) {
      security.setRunAsUser(pod.getRunAsUser());
    }
    if (pod.hasRunAsGroup()) {
      security.setRunAsGroup(pod.getRunAsGroup());
    }
    if (pod.hasSelinuxOptions()) {
      security.setSelinuxOptions(pod.getSelinuxOptions());
    }
    return security;
  }
}
