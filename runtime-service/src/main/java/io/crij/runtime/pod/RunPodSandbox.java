package io.crij.runtime.pod;

import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.RunPodSandboxResponse;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.LiveConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.Ids;
import io.crij.runtime.names.Names;
import io.crij.runtime.names.Stage;
import io.crij.runtime.names.Steps;
import io.crij.runtime.rollback.Rollback;
import io.crij.runtime.sandbox.Boot;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxState;
import io.crij.runtime.sandbox.SandboxStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Makes a pod sandbox: ready when it answers, or nothing is left of it. */
public final class RunPodSandbox {
  private static final Path NODE_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final int SHORT_ID = 12;

  private final LiveConfig config;
  private final SandboxStore sandboxes;
  private final PodMaking making;
  private final Names names;
  private final PodTeardown teardown;
  private final PodRetries retries;

  RunPodSandbox(
      LiveConfig config,
      SandboxStore sandboxes,
      PodMaking making,
      Names names,
      PodTeardown teardown,
      PodRetries retries) {
    this.config = config;
    this.sandboxes = sandboxes;
    this.making = making;
    this.names = names;
    this.teardown = teardown;
    this.retries = retries;
  }

  /**
   * @throws ServiceException.InvalidArgument before anything is done
   * @throws ServiceException.FailedPrecondition when the node cannot do what it asks for, or
   *     another pod has its host port
   * @throws ServiceException.AlreadyExists when another sandbox has these metadata
   */
  public RunPodSandboxResponse run(RunPodSandboxRequest request) {
    String nodeName = nodeName();
    PodRequest pod = PodRequest.of(request, config.get(), nodeName, making::handler);
    making.require(pod);
    String id =
        names.claim(
            Sandbox.name(pod.config()), request, steps -> make(pod, sandbox(pod, nodeName), steps));
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build();
  }

  private Sandbox sandbox(PodRequest pod, String nodeName) {
    String id = Ids.random();
    boolean ownNetwork = pod.namespaces().contains(NamespaceType.NETWORK);
    String defaultName = ownNetwork ? id.substring(0, SHORT_ID) : nodeName;
    return new Sandbox(
        id,
        pod.config(),
        pod.runtimeHandler(),
        pod.cgroupParent(),
        pod.hostname().isEmpty() ? defaultName : pod.hostname(),
        pod.namespaces(),
        SandboxFolder.of(config.get().runroot(), id),
        Instant.now(),
        Boot.id(),
        SandboxState.CREATING);
  }

  private String make(PodRequest pod, Sandbox planned, Steps steps) {
    Sandbox sandbox = making.record(planned);
    Rollback rollback = new Rollback("sandbox " + sandbox.id());
    try {
      making.run(pod, sandbox, rollback, steps);
      sandboxes.setState(sandbox.id(), SandboxState.READY);
      making.verify(sandbox);
    } catch (RuntimeException | Error e) {
      steps.begin(Stage.TAKING_BACK);
      undo(sandbox, rollback, e);
      throw e;
    }
    return sandbox.id();
  }

  private void undo(Sandbox sandbox, Rollback rollback, Throwable cause) {
    List<String> left = rollback.undo(cause);
    try {
      if (left.isEmpty()) {
        sandboxes.remove(sandbox.id());
        return;
      }
      sandboxes.setState(sandbox.id(), SandboxState.FAILED);
    } catch (RuntimeException e) {
      // Also records that cannot be written now must not hide why the pod could not be made.
      cause.addSuppressed(e);
    }
    retries.add(sandbox.id(), () -> teardown.remove(sandbox.id()));
  }

  private static String nodeName() {
    try {
      return Files.readString(NODE_NAME).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("read " + NODE_NAME + ": " + e.getMessage(), e);
    }
  }
}
