package io.crij.e2e.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may use whom. */
final class ArchitectureTest {
  // "Cgroup manager" is what CRI-O's configuration calls the choice of cgroupfs or systemd.
  private static final String BANNED_SUFFIXES =
      ".*(Impl|(?<!Cgroup)Manager|Helper|Utils?|Common|Base)";

  private final JavaClasses all =
      new ClassFileImporter()
          .importPaths(
              Arrays.stream(Module.values())
                  .filter(module -> module != Module.PROTO)
                  .map(Module::classes)
                  .toList());

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROTO")
  void modulesUseOnlyWhatStandsBelowThem(Module module) {
    TreeSet<String> wrong = new TreeSet<>();
    for (JavaClass type : ours(module)) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        for (Module other : Module.values()) {
          if (!module.mayUse(other) && other.holds(dependency.getTargetClass())) {
            wrong.add(dependency.getDescription());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROTO")
  void packagesHaveNoCycles(Module module) {
    slices()
        .matching("io.crij.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(module.read());
  }

  @Test
  void onlyLinuxCallsTheKernelItself() {
    noClasses()
        .that(areNotIn(Module.LINUX))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "java.lang.foreign..")
        .check(all);
  }

  @Test
  void onlyTheServerKnowsItsFramework() {
    noClasses()
        .that(areNotIn(Module.CRI_SERVER))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micronaut..", "jakarta.inject..")
        .check(all);
  }

  @Test
  void grpcAndNettyStayAtTheSockets() {
    noClasses()
        .that(areNotIn(Module.CRI_SERVER, Module.CLI))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "io.netty..")
        .check(all);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses().should().haveNameMatching(BANNED_SUFFIXES).check(all);
  }

  @Test
  void publicFieldsAreConstants() {
    fields()
        .that()
        .arePublic()
        .and()
        // Fields of C structures are read and written by JNA.
        .areDeclaredInClassesThat(areNoStructures())
        .should()
        .beFinal()
        .check(all);
  }

  private List<JavaClass> ours(Module module) {
    return all.stream().filter(module::holds).toList();
  }

  private static DescribedPredicate<JavaClass> areNotIn(Module... modules) {
    List<Module> excluded = List.of(modules);
    return DescribedPredicate.describe(
        "are not in " + excluded,
        type -> excluded.stream().noneMatch(module -> module.holds(type)));
  }

  private static DescribedPredicate<JavaClass> areNoStructures() {
    return DescribedPredicate.describe(
        "are no C structures", type -> !type.isAssignableTo("com.sun.jna.Structure"));
  }
}
