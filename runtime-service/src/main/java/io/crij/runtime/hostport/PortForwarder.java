package io.crij.runtime.hostport;

import io.crij.runtime.ServiceException;
import java.util.List;
import java.util.Set;

/** A process that listens at ports of the node for pods, and outlives this program. */
public interface PortForwarder {
  /**
   * Listens for a pod, in place of where it listened for it before; as before is success.
   *
   * @param ports none: nowhere
   * @return why it does not listen at ports that are not required
   * @throws ServiceException.FailedPrecondition when another program has one that is, or the node
   *     not such an address; then it listens nowhere for this pod
   */
  List<String> forward(String sandboxId, List<ForwardedPort> ports);

  /** The pods for which it listens. */
  Set<String> sandboxIds();
}
