package io.crij.e2e.vm;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a {@link Machine} is given: the packages, tools, images and checks. */
final class Payload {
  private static final int REGISTRY_PORT = 5000;
  private static final List<String> SCRIPTS =
      List.of(
          "main.sh",
          "words.sh",
          "registry.yml",
          "checks-1-package.sh",
          "checks-2-pods.sh",
          "checks-3-survival.sh",
          "checks-4-upgrade.sh",
          "checks-5-conformance.sh",
          "checks-6-removal.sh");

  private Payload() {}

  /**
   * Puts it into a folder.
   *
   * @param registry whose images the machine's own registry has
   * @param focus which specs of the conformance suite are run in it, as an expression of ginkgo
   */
  static void write(Path folder, Registry registry, String focus) throws IOException {
    Setup setup = Setup.read();
    Files.createDirectories(folder.resolve("bin"));
    for (String program : List.of("crictl", "critest")) {
      Files.copy(setup.goTools().resolve(program), folder.resolve("bin").resolve(program));
    }
    Files.copy(Setup.debianPackage(), folder.resolve("crij-old.deb"));
    Files.copy(Setup.newerDebianPackage(), folder.resolve("crij-new.deb"));
    Command.of("cp", "-r", registry.storage().toString(), folder.resolve("registry").toString())
        .run();
    Registry.writeMirrors(folder.resolve("certs.d"), "http://127.0.0.1:" + REGISTRY_PORT);
    Files.writeString(folder.resolve("focus"), focus);
    for (String name : SCRIPTS) {
      Path script = Path.of("src/test/resources/vm", name);
      Files.copy(script, folder.resolve(name));
    }
    Command.of("chmod", "+x", folder.resolve("main.sh").toString()).run();
  }
}
