package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.conformance.ConformancePage;
import io.crij.e2e.conformance.Spec;
import io.crij.e2e.conformance.Suite;
import io.crij.e2e.node.Node;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The conformance suite of the CRI, against a private instance. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class CritestKernelTest {
  private static Suite chosen(String name) {
    return new Suite(
        name,
        System.getProperty("crij.critest.focus", ""),
        System.getProperty("crij.critest.skip", ""),
        List.of());
  }

  private static void isAsThePageSays(String runtime, List<Spec> specs) throws Exception {
    assertThat(specs).anyMatch(Spec::passed);
    assertThat(ConformancePage.read().contradictions(runtime, specs)).isEmpty();
  }

  @Test
  @Timeout(value = 25, unit = TimeUnit.MINUTES)
  void theSuitePasses(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      isAsThePageSays("runc 1.1", chosen("critest").run(home, registry, node));
    }
  }

  @Test
  @Timeout(value = 25, unit = TimeUnit.MINUTES)
  void theSuitePassesWithCrun(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.startWithCrun(home, registry)) {
      isAsThePageSays("crun 1.8", chosen("critest-crun").run(home, registry, node));
    }
  }

  /** They skip themselves where the OCI runtime cannot, as Debian's. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void userNamespacesPass(PrivateRoot home, Registry registry) throws Exception {
    Suite users = new Suite("critest-users", "UserNamespaces", "", List.of());
    try (Node node = Node.startWithNewRunc(home, registry)) {
      assertThat(users.run(home, registry, node).stream().filter(Spec::passed)).hasSize(6);
    }
  }

  /** The suite's own default is SPDY. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void streamsPassOverWebSockets(PrivateRoot home, Registry registry) throws Exception {
    Suite streams =
        new Suite(
            "critest-websockets",
            "Streaming",
            "",
            List.of("--websocket-exec", "--websocket-attach", "--websocket-portforward"));
    try (Node node = Node.start(home, registry)) {
      assertThat(streams.run(home, registry, node)).anyMatch(Spec::passed);
    }
  }
}
