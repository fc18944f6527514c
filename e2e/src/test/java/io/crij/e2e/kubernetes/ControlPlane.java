package io.crij.e2e.kubernetes;

import io.crij.e2e.program.Eventually;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** etcd, and the servers of Kubernetes but the kubelet, on ports of loopback. */
final class ControlPlane implements Begun.Part {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Begun servers = new Begun();
  private final Kubectl kubectl;
  private final Credentials credentials;

  private ControlPlane(PrivateRoot home, Credentials credentials) {
    this.credentials = credentials;
    this.kubectl = new Kubectl(credentials.kubeconfig(), home.path());
  }

  /** Starts it, and waits until pods can be made. */
  static ControlPlane start(PrivateRoot home) throws IOException {
    List<Integer> ports = Ports.free(3);
    Credentials credentials = Credentials.create(home.resolve("pki"), ports.get(2));
    ControlPlane plane = new ControlPlane(home, credentials);
    try {
      plane.startServers(home.path(), ports);
      return plane;
    } catch (IOException | AssertionError e) {
      plane.close();
      throw e;
    }
  }

  private void startServers(Path folder, List<Integer> ports) throws IOException {
    String etcd = "http://127.0.0.1:" + ports.get(0);
    startEtcd(folder, etcd, "http://127.0.0.1:" + ports.get(1));
    Server apiServer = startApiServer(folder, etcd, ports.get(2));
    Eventually.holds(
        START_LIMIT,
        () -> {
          if (!apiServer.runs()) {
            throw new AssertionError("the API server ended\n" + apiServer.log());
          }
          return Files.exists(credentials.certificate())
              && kubectl.attempt("get", "--raw", "/readyz").status() == 0;
        },
        () -> "the API server is not ready\n" + apiServer.log());
    String kubeconfig = "--kubeconfig=" + credentials.kubeconfig();
    start(
        "kube-controller-manager",
        folder,
        kubeconfig,
        "--service-account-private-key-file=" + credentials.signing(),
        "--root-ca-file=" + credentials.certificate(),
        "--leader-elect=false",
        "--secure-port=0");
    start("kube-scheduler", folder, kubeconfig, "--leader-elect=false", "--secure-port=0");
    Eventually.holds(
        START_LIMIT,
        () -> kubectl.attempt("get", "serviceaccount", "default").status() == 0,
        () -> "the controllers made no service account");
  }

  private void startEtcd(Path folder, String clients, String peers) throws IOException {
    start(
        "etcd",
        folder,
        "--data-dir=" + folder.resolve("etcd"),
        "--unsafe-no-fsync",
        "--listen-client-urls=" + clients,
        "--advertise-client-urls=" + clients,
        "--listen-peer-urls=" + peers,
        "--initial-advertise-peer-urls=" + peers,
        "--initial-cluster=default=" + peers);
  }

  private Server startApiServer(Path folder, String etcd, int port) throws IOException {
    return start(
        "kube-apiserver",
        folder,
        "--etcd-servers=" + etcd,
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--secure-port=" + port,
        "--cert-dir=" + credentials.folder(),
        "--token-auth-file=" + credentials.tokens(),
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + credentials.verifying(),
        "--service-account-signing-key-file=" + credentials.signing(),
        "--service-cluster-ip-range=10.96.0.0/16",
        "--allow-privileged=true",
        // By its name alone: the kubelet says an address of the node, and listens on loopback.
        "--kubelet-preferred-address-types=Hostname");
  }

  private Server start(String name, Path folder, String... flags) throws IOException {
    Server server = Server.start(name, folder, List.of(flags));
    servers.add(server);
    return server;
  }

  Kubectl kubectl() {
    return kubectl;
  }

  Path kubeconfig() {
    return credentials.kubeconfig();
  }

  @Override
  public void close() throws IOException {
    servers.close();
  }
}
