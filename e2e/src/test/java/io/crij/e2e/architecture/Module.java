package io.crij.e2e.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.core.importer.ClassFileImporter;
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

  private static final Set<String> GENERATED =
      Set.of("io.crij.cri.v1", "io.crij.monitor.v1", "io.crij.admin.v1");

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

  JavaClasses read() {
    return new ClassFileImporter().importPath(classes());
  }

  /** Whether a class is this module's; generated ones are told by their package alone. */
  boolean holds(JavaClass type) {
    if (this == PROTO) {
      return GENERATED.contains(type.getPackageName());
    }
    return type.getSource()
        .map(Source::getUri)
        .filter(uri -> "file".equals(uri.getScheme()))
        .map(uri -> Path.of(uri).startsWith(classes()))
        .orElse(false);
  }

  private Path home() {
    // Tests run in the module's folder.
    return Path.of("..").resolve(folder).toAbsolutePath().normalize();
  }
}
