package io.crij.e2e;

import io.crij.e2e.node.Node;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.e2e.survival.Death;
import io.crij.e2e.survival.Scene;
import io.crij.e2e.survival.Victim;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Either program, or both, dies in each way there is: no container stops, and nothing is lost. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class SurvivalKernelTest {
  static List<Arguments> matrix() {
    return Arrays.stream(Victim.values())
        .flatMap(victim ->
            Arrays.stream(Death.values())
                .filter(death -> death.comesTo(victim))
                .map(death -> Arguments.of(victim, death)))
        .toList();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrix")
  void nothingIsLost(Victim victim, Death death, PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry);
        Scene scene = Scene.begin(node, home)) {
      scene.suffer(victim, death);
      scene.expectNothingLost(victim, death);
    }
  }

  @Test
  void anUpgradeOfTheMonitorIsNotNoticed(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry);
        Scene scene = Scene.begin(node, home)) {
      scene.upgradeMonitor(2);
    }
  }
}
