package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Command.Outcome;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * crijd killed with -9 somewhere within a verb, then started again: what a kubelet does next, to
 * ask what there is and to repeat what failed, leads to a pod that runs, and then to nothing left.
 *
 * <p>The seed decides verb and instant; what crijd is doing at that instant still differs from run
 * to run.
 */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class CrashInVerbsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final long SEED = 20_261_122;
  private static final int ROUNDS = 21;
  private static final Duration TRIES_AGAIN_AFTER = Duration.ofMillis(100);
  private static final Duration CONVERGES_WITHIN = Duration.ofMinutes(1);

  /** A verb of crictl, and about how long it takes. */
  private enum Verb {
    RUNP(300),
    CREATE(250),
    START(90),
    STOP(150),
    RM(120),
    STOPP(250),
    RMP(150);

    private final int millis;

    Verb(int millis) {
      this.millis = millis;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happens in a round. */
  private record Kill(Verb during, Duration after) {}

  @Test
  void aKubeletsRepetitionsConverge(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      node.crictl().run("pull", IMAGE);
      Random random = new Random(SEED);
      for (int round = 0; round < ROUNDS; round++) {
        // Each verb as often as the others.
        Verb verb = Verb.values()[round % Verb.values().length];
        Kill kill = new Kill(verb, Duration.ofMillis(random.nextInt(verb.millis)));
        live(node, "pod" + round, kill);
        Eventually.holds(
            CONVERGES_WITHIN,
            () -> node.stateOfPods().isEmpty() && node.addressesInUse().isEmpty(),
            () -> kill + " left " + node.stateOfPods() + node.addressesInUse() + node.log());
      }
    }
  }

  /** The life of a pod with one container, with a kill in it. */
  private static void live(Node node, String name, Kill kill) throws Exception {
    Crictl crictl = node.crictl();
    PodFiles files = new PodFiles(node.podLogs(name), name);
    String podFile = files.pod();
    String containerFile = files.container("main", IMAGE, "sleep", "1000");

    String pod =
        made(
            node,
            kill,
            Verb.RUNP,
            () -> crictl.run("pods", "-q", "--no-trunc", "--state", "Ready", "--name", name),
            podFile);
    String container =
        made(
            node,
            kill,
            Verb.CREATE,
            () -> crictl.run("ps", "-a", "-q", "--no-trunc", "--pod", pod),
            pod,
            containerFile,
            podFile);
    done(node, kill, Verb.START, container);
    assertThat(crictl.json("inspect", container).at("/status/state").asString())
        .as("%s", kill)
        .isEqualTo("CONTAINER_RUNNING");
    assertThat(crictl.run("exec", "-s", container, "echo", "alive")).isEqualTo("alive");
    done(node, kill, Verb.STOP, "--timeout", "0", container);
    done(node, kill, Verb.RM, container);
    done(node, kill, Verb.STOPP, pod);
    done(node, kill, Verb.RMP, pod);
    assertThat(crictl.run("pods", "-q")).as("%s", kill).isEmpty();
    assertThat(crictl.run("ps", "-a", "-q")).as("%s", kill).isEmpty();
  }

  /** The id of what a verb made, at the first try, or found when the answer was lost, or later. */
  private static String made(
      Node node, Kill kill, Verb verb, Supplier<String> found, String... arguments)
      throws Exception {
    Outcome outcome = call(node, kill, verb, arguments);
    long end = System.nanoTime() + CONVERGES_WITHIN.toNanos();
    while (outcome.status() != 0 && System.nanoTime() < end) {
      String id = found.get();
      if (!id.isEmpty()) {
        return id;
      }
      Thread.sleep(TRIES_AGAIN_AFTER);
      outcome = command(node, verb, arguments);
    }
    assertThat(outcome.status()).as("%s: %s", kill, outcome.errors()).isZero();
    return outcome.output().strip();
  }

  private static void done(Node node, Kill kill, Verb verb, String... arguments) throws Exception {
    Outcome outcome = call(node, kill, verb, arguments);
    long end = System.nanoTime() + CONVERGES_WITHIN.toNanos();
    while (!isDone(verb, outcome) && System.nanoTime() < end) {
      Thread.sleep(TRIES_AGAIN_AFTER);
      outcome = command(node, verb, arguments);
    }
    assertThat(isDone(verb, outcome)).as("%s: %s", kill, outcome.errors()).isTrue();
  }

  /** As the kubelet, crictl asks for the container first: that it is gone means that it is done. */
  private static boolean isDone(Verb verb, Outcome outcome) {
    return outcome.status() == 0
        || (verb != Verb.START && outcome.errors().contains("code = NotFound"))
        // An earlier try has done it.
        || (verb == Verb.START && outcome.errors().contains("CONTAINER_RUNNING, not just created"));
  }

  private static Outcome call(Node node, Kill kill, Verb verb, String... arguments)
      throws IOException, InterruptedException {
    if (kill.during() != verb) {
      return command(node, verb, arguments);
    }
    CompletableFuture<Outcome> outcome =
        CompletableFuture.supplyAsync(
            () -> command(node, verb, arguments), Thread::startVirtualThread);
    Thread.sleep(kill.after());
    node.killDaemon();
    Outcome result = outcome.join();
    node.startDaemon();
    return result;
  }

  private static Outcome command(Node node, Verb verb, String... arguments) {
    String[] words = new String[arguments.length + 1];
    words[0] = verb.word();
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    return node.crictl().attempt(words);
  }
}
