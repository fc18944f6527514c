package io.crij.runtime.pod;

import io.crij.cri.v1.PortForwardRequest;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.namespace.Loopback;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.ServiceException;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;
import java.time.Duration;

/** Connects clients with programs that listen on localhost in a pod. */
public final class PortForward {
  private static final int MAX_PORT = 65535;
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);

  private final SandboxStore sandboxes;

  PortForward(SandboxStore sandboxes) {
    this.sandboxes = sandboxes;
  }

  /**
   * Refuses what could not be forwarded, without doing anything.
   *
   * @throws ServiceException.InvalidArgument for an empty id or a number that is no port
   * @throws ServiceException.NotFound when there is no such pod
   * @throws ServiceException.FailedPrecondition when it is not ready
   */
  public void check(PortForwardRequest request) {
    request.getPortList().forEach(PortForward::requirePort);
    ready(request.getPodSandboxId());
  }

  private static void requirePort(int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new ServiceException.InvalidArgument("port: " + port);
    }
  }

  private Sandbox ready(String id) {
    if (id.isEmpty()) {
      throw new ServiceException.InvalidArgument("pod_sandbox_id is empty");
    }
    Sandbox sandbox = sandboxes.get(id);
    if (!sandbox.isReady()) {
      throw new ServiceException.FailedPrecondition("pod " + sandbox.id() + " is not ready");
    }
    return sandbox;
  }

  /**
   * Connects to a port: of 127.0.0.1, or where nobody listens there, of ::1.
   *
   * @return the socket, {@code O_NONBLOCK}
   * @throws ServiceException as {@link #check}, and FailedPrecondition when nobody listens
   */
  public Fd connect(String sandboxId, int port) {
    requirePort(port);
    Sandbox sandbox = ready(sandboxId);
    try {
      return Loopback.connect(sandbox.namespacePath(NamespaceType.NETWORK), port, CONNECT_WITHIN);
    } catch (LinuxException e) {
      String message = "pod " + sandbox.id() + ": " + e.getMessage();
      throw switch (e.errno()) {
        case Errno.ECONNREFUSED -> new ServiceException.FailedPrecondition(message, e);
        default -> new ServiceException.Internal(message, e);
      };
    }
  }
}
