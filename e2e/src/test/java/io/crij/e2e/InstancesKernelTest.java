package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Instances with folders of their own run side by side and know nothing of each other. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class InstancesKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";

  @Test
  void twoInstancesShareNothing(PrivateRoot home, Registry registry) throws Exception {
    PrivateRoot otherHome = new PrivateRoot(Files.createDirectory(home.resolve("b")));
    try (Node one = Node.start(home, registry);
        Node other = Node.start(otherHome, registry)) {
      // The same name twice: names are an instance's own.
      String pod = runPod(one);
      String otherPod = runPod(other);

      assertThat(one.monitor().pid()).isNotEqualTo(other.monitor().pid());
      assertThat(one.crictl().run("pods", "--quiet", "--no-trunc")).isEqualTo(pod);
      assertThat(other.crictl().run("pods", "--quiet", "--no-trunc")).isEqualTo(otherPod);

      other.killDaemon();
      other.killMonitor();
      assertThat(one.crictl().run("pods", "--quiet", "--no-trunc", "--state", "Ready"))
          .isEqualTo(pod);
      one.crictl().run("rmp", "--force", pod);
      other.startDaemon();
      assertThat(other.crictl().run("pods", "--quiet", "--no-trunc", "--state", "Ready"))
          .isEqualTo(otherPod);
    }
  }

  @Test
  void aSecondCrijdOnTheSameFoldersIsRefused(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      var second = node.secondDaemon().attempt();
      assertThat(second.status()).isEqualTo(3);
      assertThat(second.errors()).contains(home.runroot().toString());
      assertThat(node.crictl().run("version")).contains("RuntimeName");
    }
  }

  private static String runPod(Node node) throws Exception {
    PodFiles files = new PodFiles(node.podLogs("twin"), "twin");
    node.crictl().run("pull", IMAGE);
    String pod = node.crictl().run("runp", files.pod());
    String container =
        node.crictl()
            .run("create", pod, files.container("main", IMAGE, "sleep", "600"), files.pod());
    node.crictl().run("start", container);
    return pod;
  }
}
