package io.crij.linux.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.LinuxException;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(LeavesNoTrace.class)
class NamespacesKernelTest {
  @TempDir Path folder;

  private List<String> mountsBefore = List.of();

  @BeforeEach
  void remember() throws IOException {
    mountsBefore = Files.readAllLines(Path.of("/proc/self/mountinfo"));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (NamespaceType type : NamespaceType.values()) {
      Namespaces.unpin(pin(type));
    }
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(mountsBefore);
    assertThat(StrayThreads.find()).isEmpty();
  }

  private Path pin(NamespaceType type) {
    return folder.resolve(type.procName());
  }

  private Map<NamespaceType, Path> all() {
    return Map.of(
        NamespaceType.NETWORK, pin(NamespaceType.NETWORK),
        NamespaceType.IPC, pin(NamespaceType.IPC),
        NamespaceType.UTS, pin(NamespaceType.UTS));
  }

  private String inside(String command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("nsenter"));
    for (NamespaceType type : NamespaceType.values()) {
      line.add("--" + type.procName() + "=" + pin(type));
    }
    line.addAll(List.of("sh", "-c", command));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }

  @Test
  void namespacesLiveWithoutAProcess() throws Exception {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname"));
    String forward = Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"));
    String shmmax = Files.readString(Path.of("/proc/sys/kernel/shmmax"));
    String flipped = forward.startsWith("0") ? "1" : "0";

    Namespaces.create(
        new NamespaceRequest(
            all(),
            "web-0",
            List.of(
                new Sysctl("net/ipv4/ip_forward", flipped, false),
                new Sysctl("kernel/shmmax", "1048576", false),
                new Sysctl("net/ipv6/not/there", "1", true))));

    for (NamespaceType type : NamespaceType.values()) {
      assertThat(Namespaces.isPinned(type, pin(type))).as(type.name()).isTrue();
    }
    assertThat(inside("hostname")).isEqualTo("web-0");
    assertThat(inside("ip -o link show up")).contains("lo:").doesNotContain("\n");
    assertThat(inside("ip -o -4 addr show lo")).contains("127.0.0.1/8");
    assertThat(inside("cat /proc/sys/net/ipv4/ip_forward")).isEqualTo(flipped);
    assertThat(inside("cat /proc/sys/kernel/shmmax")).isEqualTo("1048576");

    assertThat(Files.readString(Path.of("/proc/sys/kernel/hostname"))).isEqualTo(host);
    assertThat(Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"))).isEqualTo(forward);
    assertThat(Files.readString(Path.of("/proc/sys/kernel/shmmax"))).isEqualTo(shmmax);
  }

  @Test
  void onlyWhatIsAskedForIsMade() {
    Namespaces.create(
        new NamespaceRequest(Map.of(NamespaceType.IPC, pin(NamespaceType.IPC)), "", List.of()));

    assertThat(Namespaces.isPinned(NamespaceType.IPC, pin(NamespaceType.IPC))).isTrue();
    assertThat(pin(NamespaceType.NETWORK)).doesNotExist();
    assertThat(pin(NamespaceType.UTS)).doesNotExist();
  }

  @Test
  void failureNamesTheStepAndLeavesNoPin() {
    assertThatThrownBy(() ->
            Namespaces.create(
                new NamespaceRequest(
                    all(), "", List.of(new Sysctl("net/ipv4/no_such_thing", "1", false)))))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("/proc/sys/net/ipv4/no_such_thing");
    assertThatThrownBy(() ->
            Namespaces.create(
                new NamespaceRequest(
                    all(), "", List.of(new Sysctl("kernel/shmmax", "plenty", false)))))
        .hasMessageContaining("plenty");
    assertThatThrownBy(
            () -> Namespaces.create(new NamespaceRequest(all(), "h".repeat(65), List.of())))
        .hasMessageContaining("sethostname");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aReplacedPinIsSeenAndRemoved() throws Exception {
    Path net = pin(NamespaceType.NETWORK);
    assertThat(Namespaces.isPinned(NamespaceType.NETWORK, net)).as("absent").isFalse();

    Files.writeString(net, "not a namespace");
    assertThat(Namespaces.isPinned(NamespaceType.NETWORK, net)).as("regular file").isFalse();
    Namespaces.unpin(net);
    assertThat(net).doesNotExist();

    Files.createSymbolicLink(net, Path.of("/proc/self/ns/net"));
    assertThat(Namespaces.isPinned(NamespaceType.NETWORK, net)).as("link").isFalse();
    Namespaces.unpin(net);
    assertThat(net).doesNotExist();

    Path ipc = pin(NamespaceType.IPC);
    Namespaces.create(new NamespaceRequest(Map.of(NamespaceType.IPC, ipc), "", List.of()));
    assertThat(Namespaces.isPinned(NamespaceType.NETWORK, ipc)).as("another type").isFalse();
  }

  @Test
  void noVirtualThreadGoesAstray() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ConcurrentLinkedQueue<String> astray = new ConcurrentLinkedQueue<>();
    List<Future<?>> watchers = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        watchers.add(
            threads.submit(() -> {
              while (!stop.get()) {
                Thread.sleep(1);
                astray.addAll(strayCarrier());
              }
              return true;
            }));
      }
      try {
        for (int i = 0; i < 40; i++) {
          Namespaces.create(new NamespaceRequest(all(), "pod-" + i, List.of()));
          for (NamespaceType type : NamespaceType.values()) {
            Namespaces.unpin(pin(type));
          }
        }
      } finally {
        stop.set(true);
      }
      for (Future<?> watcher : watchers) {
        watcher.get();
      }
    }
    assertThat(astray).isEmpty();
  }

  /** What the carrier of the current virtual thread is in, if not in the process' namespace. */
  private static List<String> strayCarrier() throws IOException {
    Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
    Path its = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
    return own.equals(its) ? List.of() : List.of(its.toString());
  }
}
