package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.image.TestImage;
import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Images by {@code crictl} and {@code crij}, as people at a node handle them. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class ImagesKernelTest {
  private static final String BUSYBOX = "docker.io/library/busybox:latest";
  private static final String TAGS = "registry.k8s.io/k8s-staging-cri-tools/test-image-tags:";
  private static final String USER =
      "registry.k8s.io/k8s-staging-cri-tools/test-image-user-username:latest";
  private static final String DATA = "docker.io/library/data:v1";

  @Test
  void imagesAreHandledByCrictl(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      Crictl crictl = node.crictl();
      for (String tag : List.of("1", "2", "3")) {
        crictl.run("pull", TAGS + tag);
      }
      crictl.run("pull", USER);
      JsonNode images = crictl.json("images", "-o", "json").path("images");
      assertThat(images).hasSize(2);
      JsonNode tagged = crictl.json("inspecti", TAGS + "1").path("status");
      assertThat(tagged.path("repoTags")).hasSize(3);
      assertThat(crictl.json("inspecti", USER).at("/status/username").asString())
          .isEqualTo("www-data");
      String id = tagged.path("id").asString();
      assertThat(crictl.json("inspecti", id.substring(0, 12)).at("/status/id").asString())
          .isEqualTo(id);
      assertThat(crictl.json("inspecti", tagged.at("/repoDigests/0").asString()).at("/status/id"))
          .hasToString("\"" + id + "\"");

      crictl.run("rmi", TAGS + "1");
      assertThat(crictl.json("inspecti", id).at("/status/repoTags")).hasSize(2);
      crictl.run("rmi", id);
      assertThat(crictl.attempt("inspecti", TAGS + "2").errors()).contains("no such image");
      crictl.run("rmi", "--all");
      assertThat(crictl.run("images", "--quiet")).isEmpty();
      assertThat(crictl.json("imagefsinfo").at("/status/imageFilesystems/0/inodesUsed/value"))
          .hasToString("\"0\"");
      assertThat(crictl.attempt("pull", "docker.io/library/none:v1").errors())
          .contains("docker.io/library/none:v1");
    }
  }

  @Test
  void imagesAreHandledByCrij(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      pullShowsLayers(node, home);
      tagHistoryExportAndImport(node, home);
      pinsAtSighup(node);
      pushAndPrune(node);
      checkRepairs(node, home);
    }
  }

  private static void pullShowsLayers(Node node, PrivateRoot home) {
    Command.Outcome pulled = node.crij("image", "pull", BUSYBOX).run();
    assertThat(pulled.output().strip()).hasSize(64);
    assertThat(pulled.errors()).contains(" MB done").contains("MB came").doesNotContain("\u001b");
    assertThat(node.crij("image", "inspect", BUSYBOX).run().lines())
        .contains("id " + pulled.output().strip(), "tag " + BUSYBOX);
    node.crij("image", "rm", BUSYBOX).run();
    String address = "unix://" + home.runroot().resolve("admin.sock");
    Command.Outcome drawn =
        Command.of(
                "script",
                "-qec",
                Setup.read().program("crij") + " --address " + address + " image pull " + BUSYBOX,
                "/dev/null")
            .run();
    assertThat(drawn.output()).contains("[=========================]").contains("\u001b[K");
    assertThat(node.crij("image", "pull", BUSYBOX).run().errors()).contains("MB exists");
  }

  private static void tagHistoryExportAndImport(Node node, PrivateRoot home) {
    node.crij("image", "tag", BUSYBOX, "example.org/mine:1").run();
    assertThat(node.crij("image", "ls").run().lines())
        .singleElement()
        .asString()
        .contains(BUSYBOX, "example.org/mine:1");
    assertThat(node.crij("image", "history", "example.org/mine:1").run().lines()).isNotEmpty();
    String id = node.crictl().json("inspecti", BUSYBOX).at("/status/id").asString();
    String archive = home.resolve("images.tar").toString();
    node.crij("image", "export", archive, BUSYBOX, "example.org/mine:1").run();
    Command.Outcome again = node.crij("image", "export", archive, BUSYBOX).attempt();
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.errors()).contains(archive);
    node.crij("image", "rm", id).run();
    assertThat(node.crij("image", "ls").run().output()).isEmpty();
    assertThat(node.crij("image", "import", archive).run().output())
        .contains(id, BUSYBOX, "example.org/mine:1");
  }

  /** Patterns and the pause image pin what was here before, and cease to. */
  private static void pinsAtSighup(Node node) throws IOException {
    for (String pinning :
        List.of(
            "pinned_images = ['example.org/*']",
            "pinned_images = ['*MINE*']",
            "pause_image = 'example.org/mine:1'")) {
      node.reload("[crij.image]\n" + pinning);
      assertThat(isPinned(node)).as(pinning).isTrue();
      assertThat(node.crij("image", "prune").run().lines().getLast())
          .as(pinning)
          .startsWith("0 images removed, ");
      node.reload("");
      assertThat(isPinned(node)).as("without " + pinning).isFalse();
    }
  }

  private static boolean isPinned(Node node) {
    JsonNode images = node.crictl().json("images", "-o", "json").path("images");
    assertThat(images).hasSize(1);
    return images.path(0).path("pinned").asBoolean();
  }

  private static void pushAndPrune(Node node) {
    assertThat(
            node.crij("image", "push", "example.org/mine:1", "quay.io/pushed/mine:1")
                .run()
                .output())
        .startsWith("quay.io/pushed/mine@sha256:");
    assertThat(node.crij("image", "du").run().lines())
        .anySatisfy(line -> assertThat(line).contains(" 0 ").endsWith("example.org/mine:1"))
        .last()
        .asString()
        .matches("images [1-9]\\d*, pulls cut short or under way 0, writable layers 0, .*");
    assertThat(node.crij("image", "du", "--why").run().lines())
        .anySatisfy(
            line -> assertThat(line).contains(" layers/", ": of ").contains("example.org/mine:1"));
    assertThat(node.crij("image", "prune", "--dry-run").run().lines().getLast())
        .startsWith("1 images would be removed, ");
    assertThat(node.crij("image", "ls").run().lines()).hasSize(1);
    assertThat(node.crij("image", "prune").run().lines().getLast())
        .startsWith("1 images removed, ");
    assertThat(node.crij("image", "ls").run().output()).isEmpty();
    node.crij("image", "pull", "quay.io/pushed/mine:1").run();
    node.crij("image", "rm", "quay.io/pushed/mine:1").run();
  }

  private static void checkRepairs(Node node, PrivateRoot home) throws IOException {
    node.crij("image", "pull", BUSYBOX).run();
    assertThat(node.crij("image", "check").run().lines().getLast()).endsWith("all whole");
    Path layer;
    try (Stream<Path> layers = Files.list(home.root().resolve("layers"))) {
      layer = layers.findFirst().orElseThrow();
    }
    Files.move(layer, home.resolve("lost"));
    Command.Outcome found = node.crij("image", "check").attempt();
    assertThat(found.status()).isNotZero();
    assertThat(found.output()).contains("its files are lost");
    assertThat(node.crij("image", "check", "--quick").attempt().output()).isEqualTo(found.output());
    assertThat(node.crij("image", "check", "--repair").run().output()).contains(": repaired");
    assertThat(node.crij("image", "check").run().lines().getLast()).endsWith("all whole");
    assertThat(layer).exists();
  }

  @Test
  void artifactsAndImagesAreVolumes(PrivateRoot home, Registry registry) throws Exception {
    TestImage data = TestImage.artifact("library/data:v1", "docs/readme.txt", "from an artifact");
    data.writeLayout(home.resolve("layout"), DATA);
    try (Node node = Node.start(home, registry)) {
      node.crij("image", "import", home.resolve("layout").toString()).run();
      node.crij("image", "push", DATA).run();
      node.crij("artifact", "rm", DATA).run();
      assertThat(node.crij("artifact", "ls").run().output()).isEmpty();
      String id = node.crij("artifact", "pull", DATA).run().output().strip();
      assertThat(data.manifest().digest()).endsWith(id);
      assertThat(node.crij("artifact", "ls").run().lines())
          .anySatisfy(line -> assertThat(line).startsWith(id).contains(DATA))
          .contains("  docs/readme.txt");

      node.crictl().run("pull", BUSYBOX);
      PodFiles files = new PodFiles(node.podLogs("volumes"), "volumes");
      String pod = node.crictl().run("runp", files.hostNetworkPod());
      node.crictl().run("pull", USER);
      String ofArtifact = cat(node, files, pod, DATA, "docs/readme.txt");
      String ofImage = cat(node, files, pod, USER, "etc/hostname");
      LifecycleKernelTest.awaitLine(node.crictl(), ofArtifact, "from an artifact");
      LifecycleKernelTest.awaitLine(node.crictl(), ofImage, "busybox");
      Command.Outcome inUse = node.crij("artifact", "rm", DATA).attempt();
      assertThat(inUse.status()).isEqualTo(1);
      assertThat(inUse.errors()).contains("in use");
      node.crictl().run("rmp", "--force", pod);
      node.crij("artifact", "rm", DATA).run();
      assertThat(node.crij("artifact", "ls").run().output()).isEmpty();
    }
  }

  /** A container that prints a file of a volume, of which it has the folder alone. */
  private static String cat(Node node, PodFiles files, String pod, String volume, String file)
      throws IOException {
    String subPath = file.substring(0, file.indexOf('/'));
    String name = "cat-" + subPath;
    String container =
        node.crictl()
            .run(
                "create",
                pod,
                files.containerWithVolume(
                    name,
                    BUSYBOX,
                    volume,
                    subPath,
                    "cat",
                    "/volume" + file.substring(subPath.length())),
                files.hostNetworkPod());
    node.crictl().run("start", container);
    return container;
  }
}
