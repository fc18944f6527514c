package io.crij.linux.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import io.crij.linux.Fd;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each kind of leak is seen and named, and no longer once it is undone. */
@ExtendWith(LeavesNoTrace.class)
final class SnapshotKernelTest {
  private static final int CLONE_NEWUTS = 0x04000000;

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  @Test
  void seesAMount(PrivateRoot home) throws Exception {
    String point = Files.createDirectory(home.resolve("mnt")).toString();
    expect(
        home,
        "MOUNT " + point + " \\(id \\d+, root / - tmpfs nothing .*\\)",
        () -> run("mount", "-t", "tmpfs", "nothing", point),
        () -> run("umount", point));
  }

  @Test
  void seesAPinnedNamespace(PrivateRoot home) throws Exception {
    String pin = Files.createFile(home.resolve("net")).toString();
    expect(
        home,
        "MOUNT " + pin + " .* nsfs .*",
        () -> run("unshare", "--net=" + pin, "true"),
        () -> run("umount", pin));
  }

  @Test
  void seesADescriptorThatHoldsANamespace(PrivateRoot home) throws Exception {
    Fd[] held = new Fd[1];
    expect(
        home,
        "DESCRIPTOR \\d+ -> uts:\\[\\d+\\]",
        () -> held[0] = Fd.open("/proc/self/ns/uts", Fd.O_RDONLY, 0),
        () -> held[0].close());
  }

  @Test
  void seesAThreadInAnotherNamespace(PrivateRoot home) throws Exception {
    CountDownLatch strayed = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .name("strayed")
            .unstarted(() -> {
              Function.getFunction("c", "unshare").invokeInt(new Object[] {CLONE_NEWUTS});
              strayed.countDown();
              awaitQuietly(end);
            });
    expect(
        home,
        "THREAD strayed \\(\\d+\\) in uts:\\[\\d+\\]",
        () -> {
          thread.start();
          strayed.await();
        },
        () -> {
          end.countDown();
          thread.join();
        });
  }

  @Test
  void seesACgroup(PrivateRoot home) throws Exception {
    Path hierarchy = Path.of("/sys/fs/cgroup/pids");
    Path top = Files.isDirectory(hierarchy) ? hierarchy : Path.of("/sys/fs/cgroup");
    Path group = top.resolve(home.cgroup().substring(1));
    expect(home, "CGROUP " + group, () -> Files.createDirectory(group), () -> Files.delete(group));
  }

  @Test
  void seesABridge(PrivateRoot home) throws Exception {
    String name = home.networkName();
    expect(
        home,
        "LINK " + name,
        () -> run("ip", "link", "add", name, "type", "bridge"),
        () -> run("ip", "link", "delete", name));
  }

  @Test
  void seesAFirewallRule(PrivateRoot home) throws Exception {
    String[] rule = {
      "INPUT", "-i", home.networkName(), "-m", "comment", "--comment", "leak", "-j", "ACCEPT"
    };
    expect(
        home,
        "FIREWALL_RULE -A INPUT -i " + home.networkName() + " .*",
        () -> run("iptables", "-w", "-A", String.join(" ", rule)),
        () -> run("iptables", "-w", "-D", String.join(" ", rule)));
  }

  @Test
  void seesASocket(PrivateRoot home) throws Exception {
    Path address = home.resolve("listen.sock");
    expect(
        home,
        "FILE " + address + " \\(socket\\)",
        () -> {
          try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(address));
          }
        },
        () -> Files.delete(address));
  }

  @Test
  void seesAReservedAddress(PrivateRoot home) throws Exception {
    Path folder = Files.createDirectories(home.resolve("addresses/" + home.networkName()));
    Path reservation = folder.resolve("10.1.2.3");
    expect(
        home,
        "FILE " + reservation + " \\(reserved address\\)",
        () -> Files.createFile(reservation),
        () -> Files.delete(reservation));
  }

  @Test
  void seesAProcessThatLeftItsParents(PrivateRoot home) throws Exception {
    long[] pid = new long[1];
    expect(
        home,
        "PROCESS \\d+ started \\d+: sleep 601",
        () -> {
          // Its working folder is in the private root, whoever adopted it.
          Process shell =
              new ProcessBuilder("sh", "-c", "setsid sleep 601 >/dev/null & echo $!")
                  .directory(home.path().toFile())
                  .start();
          pid[0] = Long.parseLong(Proc.text(shell.getInputStream()).strip());
          shell.waitFor();
        },
        () -> {
          ProcessHandle orphan = ProcessHandle.of(pid[0]).orElseThrow();
          orphan.destroyForcibly();
          orphan.onExit().join();
        });
  }

  private static void expect(PrivateRoot home, String trace, Step leak, Step undo)
      throws IOException, InterruptedException {
    Scope scope = new Scope(home, null, false);
    Snapshot before = Snapshot.take(scope);
    leak.run();
    try {
      assertThat(Snapshot.take(scope).since(before))
          .extracting(Trace::toString)
          .anySatisfy(text -> assertThat(text).matches(trace));
    } finally {
      undo.run();
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    String[] words = String.join(" ", command).split(" ");
    Process process = new ProcessBuilder(words).inheritIO().start();
    assertThat(process.waitFor()).describedAs(String.join(" ", words)).isZero();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
