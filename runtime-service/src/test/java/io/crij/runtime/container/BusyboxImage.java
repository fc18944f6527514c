package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** An OCI image layout with the node's own busybox, its libraries and two accounts. */
final class BusyboxImage {
  private static final List<String> APPLETS =
      List.of(
          "sh",
          "cat",
          "chroot",
          "dd",
          "echo",
          "false",
          "grep",
          "head",
          "hostname",
          "id",
          "kill",
          "ls",
          "mkdir",
          "mount",
          "ps",
          "pwd",
          "rm",
          "sed",
          "sleep",
          "seq",
          "stat",
          "touch",
          "true",
          "ulimit",
          "usleep",
          "yes",
          "env",
          "date",
          "wc",
          "readlink",
          "test");

  private BusyboxImage() {}

  /**
   * Makes the layout in {@code folder}.
   *
   * @param config the {@code config} object of the image's configuration, JSON
   */
  static Path create(Path folder, String config) throws Exception {
    return create(folder, config, _ -> {});
  }

  /** Changes a root file system before it becomes a layer. */
  interface RootEdit {
    void edit(Path root) throws IOException;
  }

  static Path create(Path folder, String config, RootEdit edit) throws Exception {
    return create(folder, config, edit, "linux", "amd64");
  }

  /** One that says of itself that it is for another platform. */
  static Path createFor(Path folder, String os, String architecture) throws Exception {
    return create(folder, "{}", _ -> {}, os, architecture);
  }

  private static Path create(
      Path folder, String config, RootEdit edit, String os, String architecture) throws Exception {
    Path root = Files.createDirectories(folder.resolve("rootfs"));
    Files.createDirectories(root.resolve("bin"));
    for (String name : List.of("etc", "tmp", "proc", "sys", "dev", "run", "root", "home/app")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.copy(Path.of("/usr/bin/busybox"), root.resolve("bin/busybox"));
    for (String library : libraries()) {
      Path target = root.resolve(library.substring(1));
      Files.createDirectories(target.getParent());
      Files.copy(Path.of(library), target);
    }
    for (String applet : APPLETS) {
      Files.createLink(root.resolve("bin").resolve(applet), root.resolve("bin/busybox"));
    }
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "root:x:0:\napp:x:1000:\nextra:x:500:app\n");
    // What an infra container runs: it reaps what is left to it.
    Path pause = root.resolve("pause");
    Files.writeString(pause, "#!/bin/sh\nwhile :; do sleep 1000 & wait; done\n");
    Files.setPosixFilePermissions(pause, PosixFilePermissions.fromString("rwxr-xr-x"));
    edit.edit(root);
    Path layer = folder.resolve("layer.tar");
    run("tar", "-C", root.toString(), "-cf", layer.toString(), ".");
    String about =
        "\"architecture\": \"%s\", \"os\": \"%s\", \"config\": %s"
            .formatted(architecture, os, config);
    return layout(folder.resolve("layout"), layer, about);
  }

  private static Path layout(Path layout, Path layer, String about) throws Exception {
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    byte[] tar = Files.readAllBytes(layer);
    String layerDigest = blob(blobs, tar);
    byte[] configuration =
        """
        {%s,
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
        """
            .formatted(about, layerDigest)
            .getBytes(StandardCharsets.UTF_8);
    String configDigest = blob(blobs, configuration);
    byte[] manifest =
        """
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
         "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": "sha256:%s", "size": %d},
         "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar",
                     "digest": "sha256:%s", "size": %d}]}
        """
            .formatted(configDigest, configuration.length, layerDigest, tar.length)
            .getBytes(StandardCharsets.UTF_8);
    String manifestDigest = blob(blobs, manifest);
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
    Files.writeString(
        layout.resolve("index.json"),
        """
        {"schemaVersion": 2, "manifests": [
          {"mediaType": "application/vnd.oci.image.manifest.v1+json",
           "digest": "sha256:%s", "size": %d}]}
        """
            .formatted(manifestDigest, manifest.length));
    return layout;
  }

  private static String blob(Path blobs, byte[] content) throws Exception {
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    Files.write(blobs.resolve(digest), content);
    return digest;
  }

  private static List<String> libraries() throws Exception {
    Process ldd = new ProcessBuilder("ldd", "/usr/bin/busybox").start();
    try (Stream<String> lines = ldd.inputReader().lines()) {
      return lines
          .flatMap(line -> Stream.of(line.strip().split(" ")))
          .filter(word -> word.startsWith("/"))
          .toList();
    } finally {
      assertThat(ldd.waitFor()).isZero();
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }
}
