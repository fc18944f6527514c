package io.crij.runtime.container;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.CreateContainerResponse;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.SELinuxOption;
import io.crij.image.ImageException;
import io.crij.image.records.Image;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerFolder;
import io.crij.runtime.container.records.Lifecycle;
import io.crij.runtime.container.records.LogPath;
import io.crij.runtime.container.records.StopSignal;
import io.crij.runtime.container.steps.AssignedProcessors;
import io.crij.runtime.container.steps.ContainerLocks;
import io.crij.runtime.container.steps.ContainerMaking;
import io.crij.runtime.container.steps.ContainerTeardown;
import io.crij.runtime.container.steps.ImageMounts;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.container.steps.UnifiedSettings;
import io.crij.runtime.names.Ids;
import io.crij.runtime.names.Names;
import io.crij.runtime.names.RequestText;
import io.crij.runtime.names.Stage;
import io.crij.runtime.names.Steps;
import io.crij.runtime.oci.OciRuntime;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.rollback.Rollback;
import io.crij.runtime.sandbox.Boot;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.selinux.Selinux;
import io.crij.runtime.settings.ContainerSettings;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a container: created when it answers, or nothing is left of it. */
public final class CreateContainer {
  private static final Logger log = LoggerFactory.getLogger(CreateContainer.class);

  private final Parts parts;
  private final Names names;
  private final ContainerLocks locks;
  private final ContainerMaking making;
  private final ImageMounts imageMounts;

  CreateContainer(Parts parts, Names names, ContainerLocks locks, ContainerTeardown teardown) {
    this.parts = parts;
    this.names = names;
    this.locks = locks;
    this.making = new ContainerMaking(parts, teardown, () -> parts.config().get().settings());
    this.imageMounts = new ImageMounts(parts.images());
  }

  /**
   * @throws ServiceException.InvalidArgument before anything is done, naming the field
   * @throws ServiceException.NotFound when there is no such sandbox or image
   * @throws ServiceException.AlreadyExists when another container of the pod has these metadata
   */
  public CreateContainerResponse run(CreateContainerRequest request) {
    if (!request.getConfig().hasMetadata()) {
      throw new ServiceException.InvalidArgument("config.metadata is missing");
    }
    RequestText.pathPart("config.metadata.name", request.getConfig().getMetadata().getName());
    ContainerConfig config = imageMounts.resolve(request.getConfig());
    Sandbox sandbox = parts.sandboxes().get(request.getPodSandboxId());
    requireReady(sandbox);
    String id =
        names.claim(
            Container.name(sandbox.id(), config), request, steps -> make(sandbox, config, steps));
    return CreateContainerResponse.newBuilder().setContainerId(id).build();
  }

  private String make(Sandbox sandbox, ContainerConfig config, Steps steps) {
    Image image = image(config.getImage());
    RuntimeHandlers.State handler =
        parts.handlers().select(sandbox.runtimeHandler(), image.platform().name());
    Container container =
        container(sandbox, asked(config, sandbox, handler.name()), image, handler.runtime());
    return locks.locked(
        container.id(),
        () -> {
          parts.store().create(container);
          Rollback rollback = new Rollback("container " + container.id());
          rollback.register("record", () -> parts.store().remove(container.id()));
          try {
            // Recorded first: who stops the pod meanwhile sees the container, or we see the stop.
            requireReady(parts.sandboxes().get(sandbox.id()));
            making.run(container, sandbox, image, handler, rollback, steps);
            rollback.commit();
          } catch (RuntimeException | Error e) {
            steps.begin(Stage.TAKING_BACK);
            undo(container, rollback, e);
            throw e;
          }
          return container.id();
        });
  }

  /** The request, with what its pod and the configuration say of labels and resources. */
  private ContainerConfig asked(ContainerConfig config, Sandbox sandbox, String handler) {
    Map<String, String> annotations = sandbox.config().getAnnotationsMap();
    ContainerSettings settings = parts.config().get().settings();
    return UnifiedSettings.apply(
        AssignedProcessors.apply(labelled(config, sandbox), annotations, handler, settings),
        annotations,
        handler,
        settings);
  }

  /** Each part of a label of SELinux that a container does not ask for is its pod's. */
  private static ContainerConfig labelled(ContainerConfig config, Sandbox sandbox) {
    SELinuxOption asked = config.getLinux().getSecurityContext().getSelinuxOptions();
    SELinuxOption whole = Selinux.ofContainer(sandbox.label(), asked);
    if (whole.equals(asked)) {
      return config;
    }
    ContainerConfig.Builder labelled = config.toBuilder();
    labelled.getLinuxBuilder().getSecurityContextBuilder().setSelinuxOptions(whole);
    return labelled.build();
  }

  private void undo(Container container, Rollback rollback, Throwable cause) {
    List<String> left = rollback.undo(cause);
    if (left.isEmpty()) {
      locks.forget(container.id());
    } else {
      // Out of sight, but not out of the records: its pod's removal takes it down.
      log.error("container {}: could not be made, and {} is left", container.id(), left);
      if (parts.store().record(container.id()) == null) {
        parts.store().create(container);
      }
    }
  }

  private static void requireReady(Sandbox sandbox) {
    if (!sandbox.isReady()) {
      throw new ServiceException.FailedPrecondition(
          "pod sandbox " + sandbox.id() + " is not ready");
    }
  }

  private Image image(ImageSpec spec) {
    if (spec.getImage().isEmpty()) {
      throw new ServiceException.InvalidArgument("config.image is missing");
    }
    Image image;
    try {
      image = parts.images().find(spec.getImage());
    } catch (ImageException e) {
      throw new ServiceException.InvalidArgument(
          "config.image: " + spec.getImage() + ": " + e.getMessage(), e);
    }
    if (image == null) {
      throw new ServiceException.NotFound("image " + spec.getImage() + " is not on this node");
    }
    return image;
  }

  private Container container(
      Sandbox sandbox, ContainerConfig config, Image image, OciRuntime runtime) {
    String id = Ids.random();
    String imageId = image.shownId();
    return new Container(
        id,
        sandbox.id(),
        config,
        imageId,
        image.repoDigests().isEmpty() ? imageId : image.repoDigests().getFirst(),
        image.repoTags().isEmpty() ? config.getImage().getImage() : image.repoTags().getFirst(),
        runtime.name(),
        PodCgroups.container(sandbox.cgroupParent(), id),
        LogPath.prepare(sandbox.config().getLogDirectory(), config.getLogPath()),
        StopSignal.choose(config.getStopSignal(), image.config().stopSignal()),
        Boot.id(),
        ContainerFolder.of(parts.store().runroot(), id),
        Lifecycle.beingMade());
  }
}
