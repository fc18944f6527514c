package io.crij.runtime.pod;

import io.crij.cri.v1.ContainerStatus;
import io.crij.runtime.sandbox.Sandbox;
import java.util.List;

/**
 * What the verbs on pods need of the containers in them.
 *
 * <p>A sandbox is recorded as not ready before {@link #stopAll} is called. So that none is missed,
 * a container is first recorded, and then its creation looks whether its sandbox is (still) ready:
 * one of the two sees the other.
 */
public interface PodContainers {
  /**
   * Makes and starts the container that holds the sandbox's PID namespace. It is one of its
   * containers for {@link #stopAll} and {@link #removeAll}, also when this fails.
   *
   * @throws io.crij.runtime.ServiceException when it cannot be started
   */
  void runInfra(Sandbox sandbox);

  /**
   * The name of the handler that a pod has.
   *
   * @param asked what it asks for; empty: the default one
   * @throws io.crij.runtime.ServiceException.FailedPrecondition when there is none
   */
  String handler(String asked);

  /**
   * Sees to it that containers can run in user namespaces.
   *
   * @param handler of the pod; empty: the default one
   * @throws io.crij.runtime.ServiceException.FailedPrecondition when they cannot
   */
  void requireUserNamespaces(String handler);

  /** Whether that container runs. */
  boolean infraRuns(String sandboxId);

  /** Stops every container of the sandbox, by force; "already stopped" is success. */
  void stopAll(String sandboxId);

  /** Removes every container of the sandbox, by force; "already gone" is success. */
  void removeAll(String sandboxId);

  /**
   * The statuses of the sandbox's containers, the newest first: a kubelet that is told of its
   * containers takes the first of a name for the last attempt (kuberuntime, GetPodStatus).
   */
  List<ContainerStatus> statuses(String sandboxId);
}
