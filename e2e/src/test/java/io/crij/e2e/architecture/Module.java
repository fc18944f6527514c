package io.crij.e2e.architecture;

import java.nio.file.Path;
import java.util.Set;

/** The modules, each with those it may use: docs/architecture.md, "Modules". */
enum Module {
  PROTO("proto"),
  LINUX("linux"),
  RECORDS("records"),
  IMAGE_SERVICE("image-service"),
  RUNTIME_SERVICE("runtime-service"),
  CONMON_J("conmon-j"),
  CRI_SERVER("cri-server"),
  CLI("cli");

  private final String folder;

  Module(String folder) {
    this.folder = folder;
  }

  private Set<Module> uses() {
    return switch (this) {
      case PROTO, LINUX, RECORDS -> Set.of();
      case IMAGE_SERVICE -> Set.of(PROTO, LINUX, RECORDS);
      case RUNTIME_SERVICE -> Set.of(PROTO, LINUX, RECORDS, IMAGE_SERVICE);
      case CONMON_J -> Set.of(PROTO, LINUX);
      case CRI_SERVER -> Set.of(PROTO, LINUX, RECORDS, IMAGE_SERVICE, RUNTIME_SERVICE);
      case CLI -> Set.of(PROTO);
    };
  }

  /** Whether a class of this module may name a class of another. */
  boolean mayUse(Module other) {
    return this == other || uses().contains(other);
  }

  Path classes() {
    return home().resolve("target/classes");
  }

  Path sources() {
    return home().resolve("src/main/java");
  }

  private Path home() {
    // Tests run in the module's folder.
    return Path.of("..").resolve(folder).toAbsolutePath().normalize();
  }
}
