package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.image.TestImage;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Command;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Images that come from a file, not from a registry. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class ImportKernelTest {
  private static final String NAME = "example.org/imported:1";

  @Test
  void aLayoutIsImportedAndRuns(PrivateRoot home, Registry registry) throws Exception {
    TestImage image = registry.image("library/busybox:latest");
    Path layout = home.resolve("layout");
    image.writeLayout(layout, NAME);
    String id = image.configuration().digest().substring("sha256:".length());
    try (Node node = Node.start(home, registry)) {
      assertThat(node.crij("image", "import", layout.toString()).run().lines())
          .containsExactly(id + " " + NAME);
      assertThat(node.crictl().json("inspecti", NAME).at("/status/id").asString()).isEqualTo(id);

      PodFiles files = new PodFiles(node.podLogs("imported"), "imported");
      String pod = node.crictl().run("runp", files.pod());
      String container =
          node.crictl()
              .run("create", pod, files.container("main", NAME, "echo", "it runs"), files.pod());
      node.crictl().run("start", container);
      LifecycleKernelTest.awaitLine(node.crictl(), container, "it runs");
    }
  }

  @Test
  void aTarOfALayoutTakesTheGivenName(PrivateRoot home, Registry registry) throws Exception {
    TestImage image = registry.image("library/busybox:latest");
    Path layout = home.resolve("layout");
    image.writeLayout(layout, "unused");
    String tar = home.resolve("layout.tar").toString();
    Command.of("tar", "-C", layout.toString(), "-cf", tar, ".").run();
    try (Node node = Node.start(home, registry)) {
      node.crij("image", "import", tar, "--name", NAME).run();
      assertThat(node.crictl().json("inspecti", NAME).at("/status/repoTags").toString())
          .isEqualTo("[\"" + NAME + "\"]");
    }
  }

  @Test
  void whatIsNoLayoutIsRefused(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      Command.Outcome refused =
          node.crij("image", "import", home.path().toString(), "--name", NAME).attempt();
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.errors()).contains(home.path().toString());
      assertThat(node.crictl().attempt("inspecti", NAME).errors()).contains("no such image");
    }
  }
}
