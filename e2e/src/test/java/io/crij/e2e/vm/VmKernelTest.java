package io.crij.e2e.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.conformance.ConformancePage;
import io.crij.e2e.conformance.Spec;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One start of the machine; each check in it is a test of its own here. */
@Tag("vm")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class VmKernelTest {
  private static final Duration LIMIT = Duration.ofHours(6);

  /** What this host cannot try: it has cgroup v1, no AppArmor and no systemd. */
  private static final String FOCUS =
      "AppArmor|OOM|basic operations|adding volume|Multiple Containers|Readonly|Propagation|sysctls"
          + "|Runtime info|NamespaceOption|SeccompProfilePath|NoNewPrivs|bucket|exec|reopening";

  @TestFactory
  @Timeout(value = 380, unit = TimeUnit.MINUTES)
  List<DynamicTest> everyCheckInTheMachinePasses(PrivateRoot home, Registry registry)
      throws Exception {
    Path kept = Files.createDirectories(Setup.read().scratch().resolve("vm"));
    Machine machine = new Machine(Setup.machineImage(), kept);
    Files.deleteIfExists(machine.results());
    Payload.write(home.resolve("payload"), registry, FOCUS);
    machine.run(home.resolve("payload"), LIMIT);
    List<String> results = Files.readAllLines(machine.results());
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(DynamicTest.dynamicTest("it ran to its end", () -> ended(machine, results)));
    for (String result : results) {
      String[] words = result.split(" ");
      if (words.length == 3) {
        tests.add(DynamicTest.dynamicTest(words[1], () -> passed(kept, words[0], words[1])));
      }
    }
    tests.add(DynamicTest.dynamicTest("conformance", () -> isAsThePageSays(kept)));
    return tests;
  }

  private static void ended(Machine machine, List<String> results) {
    assertThat(results).describedAs("see %s", machine.console()).contains("end");
    Command.of("tar", "-C", machine.folder().toString(), "-xf", machine.files().toString()).run();
  }

  private static void passed(Path kept, String state, String check) throws IOException {
    Path log = kept.resolve(check + ".log");
    assertThat(state)
        .describedAs(() -> log + ":\n" + (Files.exists(log) ? text(log) : "not there"))
        .isEqualTo("ok");
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void isAsThePageSays(Path kept) throws IOException {
    List<Spec> specs = Spec.readAll(kept.resolve("critest.json"));
    assertThat(specs).noneMatch(Spec::failed).anyMatch(Spec::passed);
    assertThat(specs.stream().filter(spec -> spec.name().startsWith("AppArmor")))
        .isNotEmpty()
        .allMatch(Spec::passed);
    assertThat(ConformancePage.read().contradictions("crun 1.8", specs)).isEmpty();
  }
}
