package io.crij.runtime.container;

import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.steps.ContainerLocks;
import io.crij.runtime.container.steps.ContainerTeardown;
import io.crij.runtime.container.steps.InfraContainer;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.container.steps.ReachableContainers;
import io.crij.runtime.names.Names;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.pod.PodContainers;
import io.crij.runtime.sandbox.Sandbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The containers of the node: the verbs on them, put together. */
public final class Containers implements PodContainers {
  private static final Comparator<Container> NEWEST_FIRST =
      Comparator.comparingLong((Container container) -> container.life().createdAt()).reversed();

  private final ContainerStore store;
  private final RuntimeHandlers handlers;
  private final Names names;
  private final ContainerLocks locks = new ContainerLocks();
  private final InfraContainer infraContainer;
  private final CreateContainer createContainer;
  private final StartContainer startContainer;
  private final StopContainer stopContainer;
  private final UpdateContainerResources updateContainerResources;
  private final RemoveContainer removeContainer;
  private final ListContainers listContainers;
  private final ContainerStatus containerStatus;
  private final ExecSync execSync;
  private final Exec exec;
  private final Attach attach;
  private final ReopenContainerLog reopenContainerLog;

  /**
   * @param stages told of those of each container that is created
   */
  public Containers(Parts parts, StageWatch stages) {
    names = new Names("container", stages);
    store = parts.store();
    handlers = parts.handlers();
    ContainerTeardown teardown = new ContainerTeardown(parts, names, locks);
    infraContainer = new InfraContainer(parts, teardown);
    createContainer = new CreateContainer(parts, names, locks, teardown);
    startContainer = new StartContainer(parts, locks, stages);
    ReachableContainers reachable = new ReachableContainers(store);
    stopContainer = new StopContainer(parts, reachable);
    updateContainerResources = new UpdateContainerResources(parts, locks);
    removeContainer = new RemoveContainer(store, stopContainer, teardown);
    listContainers = new ListContainers(store);
    containerStatus = new ContainerStatus(store);
    execSync = new ExecSync(parts, reachable);
    exec = new Exec(parts, reachable);
    attach = new Attach(parts, reachable);
    reopenContainerLog = new ReopenContainerLog(store, parts.monitor());
  }

  /** Records that a container of the records holds its name. */
  public void holdName(Container container) {
    names.hold(container.name(), container.id());
  }

  /** Takes down a container that was not made whole. */
  public void discard(String id) {
    removeContainer.remove(id);
  }

  public CreateContainer createContainer() {
    return createContainer;
  }

  public StartContainer startContainer() {
    return startContainer;
  }

  public StopContainer stopContainer() {
    return stopContainer;
  }

  public UpdateContainerResources updateContainerResources() {
    return updateContainerResources;
  }

  public RemoveContainer removeContainer() {
    return removeContainer;
  }

  public ListContainers listContainers() {
    return listContainers;
  }

  public ContainerStatus containerStatus() {
    return containerStatus;
  }

  public ExecSync execSync() {
    return execSync;
  }

  public Exec exec() {
    return exec;
  }

  public Attach attach() {
    return attach;
  }

  public ReopenContainerLog reopenContainerLog() {
    return reopenContainerLog;
  }

  @Override
  public void runInfra(Sandbox sandbox) {
    locks.locked(
        sandbox.id(),
        () -> {
          infraContainer.run(sandbox);
          return sandbox.id();
        });
  }

  @Override
  public String handler(String asked) {
    return handlers.name(asked);
  }

  @Override
  public void requireUserNamespaces(String handler) {
    handlers.requireUserNamespaces(handler);
  }

  @Override
  public boolean infraRuns(String sandboxId) {
    Container infra = store.record(sandboxId);
    return infra != null && infra.life().isRunning();
  }

  @Override
  public void stopAll(String sandboxId) {
    forAll(
        sandboxId,
        id -> {
          locks.pass(id); // one that is being made is made, or gone
          stopContainer.stop(id, Duration.ZERO);
        });
  }

  @Override
  public void removeAll(String sandboxId) {
    forAll(
        sandboxId,
        id -> {
          locks.pass(id);
          removeContainer.remove(id);
        });
  }

  @Override
  public List<io.crij.cri.v1.ContainerStatus> statuses(String sandboxId) {
    return store.ofSandbox(sandboxId).stream()
        .filter(ListContainers::isListed)
        .sorted(NEWEST_FIRST)
        .map(ContainerStatus::status)
        .toList();
  }

  /** All at once; one that fails does not keep the others from being done. */
  private void forAll(String sandboxId, Consumer<String> verb) {
    List<Future<?>> calls = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Container container : store.ofSandbox(sandboxId)) {
        calls.add(threads.submit(() -> verb.accept(container.id())));
      }
    }
    // All have ended.
    RuntimeException first = null;
    for (Future<?> call : calls) {
      if (call.state() == Future.State.FAILED) {
        RuntimeException failure = failure(call.exceptionNow());
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static RuntimeException failure(Throwable cause) {
    return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
  }
}
