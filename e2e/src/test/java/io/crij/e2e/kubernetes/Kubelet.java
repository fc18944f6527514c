package io.crij.e2e.kubernetes;

import io.crij.e2e.program.Command;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A kubelet over a private instance, with an API server or alone with its static pods. */
final class Kubelet implements Begun.Part {
  /** The name of the node: the API server reaches the kubelet by it. */
  static final String NODE = "localhost";

  /** The kubelet links logs of containers here, wherever its pods' logs are. */
  private static final Path LOG_LINKS = Path.of("/var/log/containers");

  private final PrivateRoot home;
  private final Path manifests;
  private final List<String> flags;
  private final int readOnlyPort;
  private @Nullable Server server;

  private Kubelet(PrivateRoot home, Path manifests, List<String> flags, int readOnlyPort) {
    this.home = home;
    this.manifests = manifests;
    this.flags = flags;
    this.readOnlyPort = readOnlyPort;
  }

  /** Starts one that knows its static pods alone, with more flags. */
  static Kubelet startAlone(PrivateRoot home, String endpoint, CgroupRoot cgroups, String... more)
      throws IOException {
    return start(home, endpoint, cgroups, List.of(more));
  }

  /** Starts one that an API server tells what to run. */
  static Kubelet start(PrivateRoot home, String endpoint, CgroupRoot cgroups, Path kubeconfig)
      throws IOException {
    return start(home, endpoint, cgroups, List.of("--kubeconfig=" + kubeconfig));
  }

  private static Kubelet start(
      PrivateRoot home, String endpoint, CgroupRoot cgroups, List<String> more) throws IOException {
    Path manifests = Files.createDirectories(home.resolve("manifests"));
    List<Integer> ports = Ports.free(2);
    List<String> flags = new ArrayList<>();
    flags.add("--config=" + configuration(home, endpoint, cgroups, manifests, ports));
    flags.add("--root-dir=" + Files.createDirectories(folder(home)));
    flags.add("--cert-dir=" + folder(home).resolve("pki"));
    flags.add("--hostname-override=" + NODE);
    flags.add("--v=2");
    flags.addAll(more);
    Kubelet kubelet = new Kubelet(home, manifests, flags, ports.get(1));
    kubelet.start();
    return kubelet;
  }

  private static Path configuration(
      PrivateRoot home, String endpoint, CgroupRoot cgroups, Path manifests, List<Integer> ports)
      throws IOException {
    // The first four lines are what a node with CRI-J needs, on a node with cgroup v1; the next
    // keep this kubelet to itself, the next make it quick, and with the last it counts nothing
    // itself.
    return Files.writeString(
        home.resolve("kubelet.yaml"),
        """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        containerRuntimeEndpoint: %1$s
        failCgroupV1: false
        staticPodPath: %2$s
        podLogsDir: %3$s
        volumePluginDir: %4$s
        cgroupRoot: %5$s
        port: %6$d
        readOnlyPort: %7$d
        address: 127.0.0.1
        healthzPort: 0
        makeIPTablesUtilChains: false
        failSwapOn: false
        authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
        authorization: {mode: AlwaysAllow}
        evictionHard: {memory.available: 100Mi}
        fileCheckFrequency: 1s
        syncFrequency: 10s
        imageMinimumGCAge: 1s
        featureGates: {PodAndContainerStatsFromCRI: true}
        """
            .formatted(
                endpoint,
                manifests,
                podLogs(home),
                home.resolve("volume-plugins"),
                cgroups.name(),
                ports.get(0),
                ports.get(1)));
  }

  private static Path podLogs(PrivateRoot home) {
    return home.resolve("pod-logs");
  }

  private static Path folder(PrivateRoot home) {
    return home.resolve("kubelet");
  }

  /** Where the pods' logs are: {@code <namespace>_<name>_<uid>/<container>/<attempt>.log}. */
  Path podLogs() {
    return podLogs(home);
  }

  void start() throws IOException {
    server = Server.start("kubelet", home.path(), flags);
  }

  /** Ends it, and starts it with more lines of configuration; pods run on. */
  void restartWith(String configuration) throws IOException {
    server().close();
    Files.writeString(
        home.resolve("kubelet.yaml"), configuration + "\n", StandardOpenOption.APPEND);
    start();
  }

  /** kill -9; pods run on. */
  void kill() {
    server().kill();
  }

  /** Has it run the pod of a manifest of {@link Manifests}, under that file's name. */
  void addStaticPod(String manifest) throws IOException {
    Path file = manifests.resolve(manifest);
    // The kubelet must not read half of it, and leaves names with a leading dot alone.
    Path draft = Files.writeString(manifests.resolve("." + manifest), Manifests.read(manifest));
    Files.move(draft, file);
  }

  void removeStaticPod(String manifest) throws IOException {
    Files.delete(manifests.resolve(manifest));
  }

  /** What it answers at a path of its port for who only reads, as monitoring does. */
  String page(String path) {
    String url = "http://127.0.0.1:" + readOnlyPort + path;
    return Command.of("busybox", "wget", "-q", "-O", "-", url).run().output();
  }

  /** Names of the folders that it keeps of pods; none once all that is a pod's is cleaned up. */
  List<String> pods() {
    String[] names = folder(home).resolve("pods").toFile().list();
    return names == null ? List.of() : List.of(names);
  }

  String log() {
    return server().log();
  }

  private Server server() {
    if (server == null) {
      throw new IllegalStateException("the kubelet was not started");
    }
    return server;
  }

  @Override
  public void close() throws IOException {
    server().close();
    removeLogLinks();
    // It has mounted its folder over itself; its sockets are left.
    Command.of("umount", folder(home).toString()).run();
    try (Stream<Path> files = Files.walk(folder(home))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".sock")).toList()) {
        Files.delete(file);
      }
    }
  }

  private void removeLogLinks() throws IOException {
    if (Files.isDirectory(LOG_LINKS)) {
      try (Stream<Path> links = Files.list(LOG_LINKS)) {
        for (Path link : links.filter(Files::isSymbolicLink).toList()) {
          if (Files.readSymbolicLink(link).startsWith(home.path())) {
            Files.delete(link);
          }
        }
      }
    }
  }
}
