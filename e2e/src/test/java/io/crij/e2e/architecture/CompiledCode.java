package io.crij.e2e.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The classes that we wrote, and which module each is in. */
final class CompiledCode {
  private static final Set<String> GENERATED =
      Set.of("io.crij.cri.v1", "io.crij.monitor.v1", "io.crij.admin.v1");

  private final JavaClasses all;
  private final Map<String, Module> modules;

  private CompiledCode(JavaClasses all, Map<String, Module> modules) {
    this.all = all;
    this.modules = modules;
  }

  static CompiledCode read() {
    List<Module> written =
        Arrays.stream(Module.values()).filter(module -> module != Module.PROTO).toList();
    Map<String, Module> modules = new HashMap<>();
    for (Module module : written) {
      for (JavaClass type : new ClassFileImporter().importPath(module.classes())) {
        modules.put(type.getName(), module);
      }
    }
    JavaClasses all =
        new ClassFileImporter().importPaths(written.stream().map(Module::classes).toList());
    return new CompiledCode(all, modules);
  }

  JavaClasses all() {
    return all;
  }

  JavaClasses of(Module module) {
    return all.that(areIn(module));
  }

  /** The module of a class or of an array's elements, or null where it is not ours. */
  @Nullable Module moduleOf(JavaClass type) {
    JavaClass element = type.getBaseComponentType();
    return GENERATED.contains(element.getPackageName())
        ? Module.PROTO
        : modules.get(element.getName());
  }

  DescribedPredicate<JavaClass> areIn(Module... chosen) {
    List<Module> wanted = List.of(chosen);
    return DescribedPredicate.describe(
        "are in " + wanted,
        type -> {
          Module module = moduleOf(type);
          return module != null && wanted.contains(module);
        });
  }
}
