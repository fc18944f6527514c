package io.crij.runtime.container.steps;

import io.crij.cri.v1.ContainerConfig;
import io.crij.image.ImageException;
import io.crij.image.records.Image;
import io.crij.image.rootfs.Rootfs;
import io.crij.linux.Fd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.tree.Tree;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FloodPolicy;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.OciRuntime;
import io.crij.runtime.RuntimeServiceConfig.ContainerLogs;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cdi.CdiDevices;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerFolder;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.names.Stage;
import io.crij.runtime.names.Steps;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.oci.rootfs.IdentityLookup;
import io.crij.runtime.oci.rootfs.ImageVolumes;
import io.crij.runtime.oci.rootfs.RootfsLayout;
import io.crij.runtime.oci.rootfs.WorkingDirectory;
import io.crij.runtime.oci.spec.ContainerSpec;
import io.crij.runtime.oci.spec.PodContext;
import io.crij.runtime.oci.spec.SpecInput;
import io.crij.runtime.oci.spec.UserNamespace;
import io.crij.runtime.rollback.Rollback;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.selinux.Selinux;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.HandlerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The steps that bring a recorded container to its creation by the OCI runtime. */
public final class ContainerMaking {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Parts parts;
  private final Supplier<ContainerSettings> settings;
  private final ContainerTeardown teardown;
  private final PodSharing sharing;
  private final ImageMounts imageMounts;

  /** The accounts of an image may be many megabytes, and are in memory while they are looked up. */
  private final Semaphore lookups = new Semaphore(2);

  /**
   * @param settings of the containers that are made
   */
  public ContainerMaking(
      Parts parts, ContainerTeardown teardown, Supplier<ContainerSettings> settings) {
    this.parts = parts;
    this.settings = settings;
    this.teardown = teardown;
    this.sharing = new PodSharing(parts.store());
    this.imageMounts = new ImageMounts(parts.images());
  }

  /** Makes it; each step's undo is registered before it. */
  public void run(
      Container container,
      Sandbox sandbox,
      Image image,
      RuntimeHandlers.State handler,
      Rollback rollback,
      Steps steps) {
    PodContext pod = sharing.context(sandbox, container);
    ContainerFolder folder = container.folder();
    rollback.register("folder", () -> teardown.removeFolder(folder));
    makeFolder(folder, pod.user());
    rollback.register("rootfs", () -> teardown.removeRootfs(container));
    steps.begin(Stage.ROOT_FILE_SYSTEM);
    ContainerSettings all = settings.get();
    String label = label(container, all);
    mount(container, image, pod.user(), label);
    rollback.register("image volumes", () -> teardown.removeVolumes(container));
    steps.begin(Stage.IMAGE_VOLUMES);
    ContainerConfig config = imageMounts.mount(container, pod.user(), label);
    steps.begin(Stage.SPECIFICATION);
    ContainerIdentity user = prepare(container, config, pod, image, handler, all);
    rollback.register("container of the OCI runtime", () -> teardown.removeFromRuntime(container));
    steps.begin(Stage.OCI_RUNTIME);
    ContainerRecord record = create(container, sandbox, handler, owner(user, pod.user()));
    sharing.verify(sandbox, container);
    parts
        .store()
        .update(
            container.id(),
            life ->
                life.created(
                    record.getCreatedAtNanos(),
                    new ProcessId(record.getPid(), record.getStartTimeTicks()),
                    user,
                    record.getCgroupBelow()));
  }

  /** Who user and group are on the node. */
  static ContainerIdentity owner(ContainerIdentity user, @Nullable UserNamespace mapping) {
    return mapping == null
        ? user
        : new ContainerIdentity(
            mapping.uids().host(user.uid()), mapping.gids().host(user.gid()), user.groups());
  }

  private static void makeFolder(ContainerFolder folder, @Nullable UserNamespace user) {
    try {
      Files.createDirectories(folder.path(), PRIVATE);
      Files.createDirectory(folder.rootfs(), PRIVATE);
      if (user != null) {
        // The OCI runtime goes to the root file system as the namespace's root.
        Files.setAttribute(folder.path(), "unix:gid", (int) user.gids().hostId());
        Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString("rwx--x---"));
        Path above = folder.path().getParent();
        if (above != null) {
          Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwx--x--x"));
        }
      }
    } catch (IOException e) {
      throw new ServiceException.Internal("make " + folder.path() + ": " + e.getMessage(), e);
    }
  }

  /** What SELinux calls its files; empty: nothing. */
  private String label(Container container, ContainerSettings all) {
    Selinux selinux = Selinux.of(parts.node().selinux(), all.process().selinux());
    return selinux == null
        ? ""
        : selinux.ofFiles(container.config().getLinux().getSecurityContext());
  }

  private void mount(Container container, Image image, @Nullable UserNamespace user, String label) {
    Path point = container.folder().rootfs();
    Rootfs all = parts.images().rootfs();
    try {
      if (user == null) {
        all.mount(container.id(), image, point, new Rootfs.View(null, label));
        return;
      }
      try (Fd namespace = Fd.open(user.path().toString(), Fd.O_RDONLY, 0)) {
        all.mount(container.id(), image, point, new Rootfs.View(namespace, label));
      }
    } catch (ImageException e) {
      throw new ServiceException.Internal(
          "root file system of container " + container.id() + ": " + e.getMessage(), e);
    }
  }

  /** Looks into the image, and writes the specification. */
  private ContainerIdentity prepare(
      Container container,
      ContainerConfig config,
      PodContext pod,
      Image image,
      RuntimeHandlers.State handler,
      ContainerSettings all) {
    try (Tree rootfs = Tree.open(container.folder().rootfs())) {
      RootfsLayout.check(rootfs);
      ImageVolumes.make(
          rootfs,
          image.config().volumes(),
          owner(new ContainerIdentity(0, 0, List.of()), pod.user()));
      ContainerIdentity user = identity(rootfs, container, image);
      SpecInput input =
          new SpecInput(
              config,
              image.config(),
              pod,
              container.folder().rootfs(),
              container.cgroupPath(),
              user,
              WorkingDirectory.choose(
                  rootfs, container.config().getWorkingDir(), image.config().workingDir()),
              handler.features(),
              parts.node(),
              parts.apparmor(),
              all,
              handler.name(),
              CdiDevices.of(config, all.devices().cdiSpecDirs()));
      byte[] json = ContainerSpec.of(input).toString().getBytes(StandardCharsets.UTF_8);
      Files.write(Files.createFile(container.folder().specification(), PRIVATE_FILE), json);
      return user;
    } catch (IOException e) {
      throw new ServiceException.Internal(
          "write " + container.folder().specification() + ": " + e.getMessage(), e);
    }
  }

  private ContainerIdentity identity(Tree rootfs, Container container, Image image) {
    lookups.acquireUninterruptibly();
    try {
      return IdentityLookup.find(
          rootfs, container.config().getLinux().getSecurityContext(), image.config().user());
    } finally {
      lookups.release();
    }
  }

  private HandlerSettings handlerSettings(String handler) {
    return settings.get().handler(handler);
  }

  private LogConfig logConfig(Container container, Sandbox sandbox) {
    ContainerLogs logs = parts.config().get().containerLogs();
    FloodPolicy floodPolicy =
        switch (logs.floodPolicy()) {
          case BLOCK -> FloodPolicy.FLOOD_POLICY_BLOCK;
          case DROP -> FloodPolicy.FLOOD_POLICY_DROP;
        };
    return LogConfig.newBuilder()
        .setPath(container.logPath())
        .setMaxBytes(logs.maxBytes())
        .setFloodPolicy(floodPolicy)
        .setBytesPerSecond(logs.bytesPerSecond())
        .setSync(handlerSettings(container.handler()).syncsLog())
        .addAllJournalFields(logs.toJournald() ? JournalFields.of(container, sandbox) : List.of())
        .build();
  }

  private ContainerRecord create(
      Container container, Sandbox sandbox, RuntimeHandlers.State handler, ContainerIdentity user) {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setContainerId(container.id())
            .setRuntime(
                OciRuntime.newBuilder()
                    .setPath(handler.runtime().program().toString())
                    .addAllGlobalArgs(handler.runtime().argumentsToCreate(container.cgroupPath())))
            .addAllCreateArgs(handler.runtime().createArguments())
            .setTimeoutMillis(handlerSettings(handler.name()).createLimit().toMillis())
            .setBundle(container.folder().path().toString())
            .setLog(logConfig(container, sandbox))
            .setTty(container.config().getTty())
            .setStdin(container.config().getStdin())
            .setStdinOnce(container.config().getStdinOnce())
            .setStreamUid((int) user.uid())
            .setStreamGid((int) user.gid())
            .setCgroupPath(container.cgroupPath())
            .build();
    try {
      return parts.monitor().create(request);
    } catch (MonitorFailure e) {
      String message = "create container " + container.id() + ": " + e.reason();
      throw e.code() == FailureCode.FAILURE_CODE_BUSY
          ? new ServiceException.ResourceExhausted(message, e)
          : new ServiceException.Internal(message, e);
    }
  }
}
