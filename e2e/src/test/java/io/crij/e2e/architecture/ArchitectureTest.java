package io.crij.e2e.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may use whom. */
final class ArchitectureTest {
  // "Cgroup manager" is what CRI-O's configuration calls the choice of cgroupfs or systemd.
  private static final String BANNED_SUFFIXES =
      ".*(Impl|(?<!Cgroup)Manager|Helper|Utils?|Common|Base)";

  private static final CompiledCode CODE = CompiledCode.read();

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROTO")
  void modulesUseOnlyWhatStandsBelowThem(Module module) {
    TreeSet<String> wrong = new TreeSet<>();
    for (JavaClass type : CODE.of(module)) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        Module other = CODE.moduleOf(dependency.getTargetClass());
        if (other != null && !module.mayUse(other)) {
          wrong.add(dependency.getDescription());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROTO")
  void packagesHaveNoCycles(Module module) {
    slices().matching("io.crij.(**)").should().beFreeOfCycles().check(CODE.of(module));
  }

  @Test
  void onlyLinuxCallsTheKernelItself() {
    noClasses()
        .that(DescribedPredicate.not(CODE.areIn(Module.LINUX)))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "java.lang.foreign..")
        .check(CODE.all());
  }

  @Test
  void onlyTheServerKnowsItsFramework() {
    noClasses()
        .that(DescribedPredicate.not(CODE.areIn(Module.CRI_SERVER)))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micronaut..", "jakarta.inject..")
        .check(CODE.all());
  }

  @Test
  void grpcAndNettyStayAtTheSockets() {
    noClasses()
        .that(DescribedPredicate.not(CODE.areIn(Module.CRI_SERVER, Module.CLI)))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "io.netty..")
        .check(CODE.all());
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses().should().haveNameMatching(BANNED_SUFFIXES).check(CODE.all());
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
        .check(CODE.all());
  }

  private static DescribedPredicate<JavaClass> areNoStructures() {
    return DescribedPredicate.describe(
        "are no C structures", type -> !type.isAssignableTo("com.sun.jna.Structure"));
  }
}
