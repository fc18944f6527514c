package io.crij.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.process.Pidfd;
import io.crij.linux.process.Signals;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.Exited;
import io.crij.runtime.names.Ids;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** How soon the loss of the monitor is seen and made up for. */
@Timeout(240)
@ExtendWith(LeavesNoTrace.class)
final class MonitorTakeoverKernelTest {
  private static final int CONTAINERS = 500;

  @Test
  void fiveHundredContainersHaveANewMonitorSoon(PrivateRoot home) throws Exception {
    try (MonitorNode node = new MonitorNode(home)) {
      List<ContainerRecord> containers = create(node, CONTAINERS);

      long begin;
      try (Pidfd process = node.monitorProcess()) {
        begin = System.nanoTime();
        assertThat(process.signal(Signals.SIGKILL)).isTrue();
        assertThat(process.awaitEnd(MonitorNode.LONG)).isTrue();
      }
      MonitorNode.await(() -> !node.monitor().notReadyReason().isEmpty());
      Duration noticed = Duration.ofNanos(System.nanoTime() - begin);
      MonitorNode.await(() -> node.monitor().notReadyReason().isEmpty());
      Duration takenOver = Duration.ofNanos(System.nanoTime() - begin);

      System.out.printf(
          "a dead monitor: noticed after %d ms, %d containers taken over after %d ms%n",
          noticed.toMillis(), CONTAINERS, takenOver.toMillis());
      assertThat(node.monitor().list())
          .hasSize(CONTAINERS)
          .allSatisfy(state -> assertThat(state.hasExited()).isFalse());
      ContainerRecord first = containers.getFirst();
      String id = first.getConfig().getContainerId();
      node.monitor().signal(id, MonitorNode.process(first), Signals.SIGKILL);
      assertThat(node.exited(id).getExitCode()).isEqualTo(137);
    }
  }

  /** Nobody has its descriptors: a client without any must not let others wait for them. */
  @Test
  void whatEndedWithNobodyWatchingIsKnownAtOnce(PrivateRoot home) throws Exception {
    try (MonitorNode node = new MonitorNode(home)) {
      ContainerRecord container = node.create(Ids.random());
      node.killBoth(container);

      node.reopen();

      long begin = System.nanoTime();
      Exited exited = node.exited(container.getConfig().getContainerId());
      // Descriptors would be waited for for 10 s.
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
      assertThat(exited.getExitCode()).isEqualTo(255);
      assertThat(exited.getReason()).isEqualTo("MonitorLost");
    }
  }

  @Test
  void aStoppedMonitorIsSaidNotToAnswerAndGoesOn(PrivateRoot home) throws Exception {
    try (MonitorNode node = new MonitorNode(home);
        Pidfd process = node.monitorProcess()) {
      node.stop(process);
      MonitorNode.await(() -> !node.monitor().notReadyReason().isEmpty());
      assertThat(node.monitor().notReadyReason())
          .contains("process " + node.monitor().info().pid())
          .contains("has not answered for");
      assertThat(process.signal(Signals.SIGCONT)).isTrue();
      MonitorNode.await(() -> node.monitor().notReadyReason().isEmpty());
      assertThat(process.hasEnded()).isFalse();
      assertThat(node.monitor().list()).isEmpty();
    }
  }

  @Test
  void aMonitorThatStaysSilentIsReplaced(PrivateRoot home) throws Exception {
    try (MonitorNode node = new MonitorNode(home);
        Pidfd process = node.monitorProcess()) {
      ContainerRecord container = node.create(Ids.random());
      String id = container.getConfig().getContainerId();
      node.stop(process);
      MonitorNode.await(process::hasEnded);
      MonitorNode.await(() -> node.monitor().notReadyReason().isEmpty());

      assertThat(node.monitor().list()).hasSize(1);
      node.monitor().signal(id, MonitorNode.process(container), Signals.SIGKILL);
      assertThat(node.exited(id).getExitCode()).isEqualTo(137);
    }
  }

  /** As one finds it that is started while the monitor hangs. */
  @Test
  void aMonitorThatWasSilentBeforeIsReplacedToo(PrivateRoot home) throws Exception {
    try (MonitorNode node = new MonitorNode(home);
        Pidfd process = node.monitorProcess()) {
      node.create(Ids.random());
      node.monitor().close();
      node.stop(process);

      node.reopen();

      assertThat(process.hasEnded()).isTrue();
      assertThat(node.monitor().list()).hasSize(1);
    }
  }

  private static List<ContainerRecord> create(MonitorNode node, int count) throws Exception {
    List<Future<ContainerRecord>> creations = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
      for (int i = 0; i < count; i++) {
        creations.add(callers.submit(() -> node.create(Ids.random())));
      }
    }
    List<ContainerRecord> containers = new ArrayList<>();
    for (Future<ContainerRecord> creation : creations) {
      containers.add(creation.get());
    }
    return containers;
  }
}
