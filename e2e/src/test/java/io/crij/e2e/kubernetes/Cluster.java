package io.crij.e2e.kubernetes;

import io.crij.e2e.node.Node;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.time.Duration;

/**
 * A Kubernetes of one node, whose kubelet runs its pods on a private instance. Closed, it deletes
 * what runs on it, as an administrator does, and everything must go.
 */
final class Cluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Begun begun = new Begun();
  private final Node node;
  private final Kubelet kubelet;
  private final Kubectl kubectl;

  private Cluster(PrivateRoot home, Registry registry) throws IOException {
    try {
      begun.add(KernelSettings.read());
      CgroupRoot cgroups = CgroupRoot.create(home);
      begun.add(cgroups);
      node = Node.start(home, registry, handlers());
      begun.add(node::close);
      ControlPlane plane = ControlPlane.start(home);
      begun.add(plane);
      kubectl = plane.kubectl();
      kubelet = Kubelet.start(home, node.endpoint(), cgroups, plane.kubeconfig());
      begun.add(kubelet);
      kubectl.run("wait", "node", Kubelet.NODE, "--for=create", "--timeout=60s");
      kubectl.await("node/" + Kubelet.NODE, "condition=Ready");
    } catch (IOException | RuntimeException | AssertionError e) {
      begun.close();
      throw e;
    }
  }

  /** Starts one, and waits until its node is ready. */
  static Cluster start(PrivateRoot home, Registry registry) throws IOException {
    return new Cluster(home, registry);
  }

  /** The first can do user namespaces; the other is for pods of a RuntimeClass. */
  private static String handlers() {
    return """
    [crij.runtime]
    default_runtime = "runc"
    [crij.runtime.runtimes.runc]
    runtime_path = "%s"
    [crij.runtime.runtimes.old]
    runtime_path = "/usr/sbin/runc"
    """
        .formatted(Setup.read().goTools().resolve("runc"));
  }

  Node node() {
    return node;
  }

  Kubelet kubelet() {
    return kubelet;
  }

  Kubectl kubectl() {
    return kubectl;
  }

  @Override
  public void close() throws IOException {
    begun.add(this::deleteAll);
    begun.close();
  }

  private void deleteAll() {
    kubectl.run("delete", "deployments,jobs,services", "--all", "--cascade=foreground");
    kubectl.run("delete", "pods", "--all", "--grace-period=1", "--timeout=120s");
    Eventually.holds(
        PATIENCE,
        () -> kubelet.pods().isEmpty() && node.stateOfPods().isEmpty(),
        () -> "deleted, and still " + kubelet.pods() + node.stateOfPods() + "\n" + kubelet.log());
  }
}
