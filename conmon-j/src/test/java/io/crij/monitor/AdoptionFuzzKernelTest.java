package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.UnknownFieldSet;
import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.Signals;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is handed to a monitor, by a client or by the files of another one, is not what it says. */
@Tag("root")
@Timeout(300)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class AdoptionFuzzKernelTest {
  private static final long SEED = Long.getLong("crij.fuzz.seed", 20_261_122);
  private static final int ROUNDS = Integer.getInteger("crij.fuzz.rounds", 300);
  private static final int LINES = 1_000_000;

  @TempDir Path folder;
  private TestNode node;
  private CheapContainers containers;
  private TestClient client;
  private String victim;
  private TestClient.KeptContainer kept;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    containers = new CheapContainers(node, folder);
    client = node.startMonitor();
    client.keep();
    victim = containers.run(client, CheapContainers.writer(LINES, 2, 0));
    kept = client.kept(victim);
  }

  @AfterEach
  void stop() throws Exception {
    kept.descriptors().forEach(Fd::close);
    client.close();
    containers.close();
    node.close();
  }

  @Test
  void wrongDescriptorsAndRecordsHarmNoContainer() throws Exception {
    List<Fd> wrong = wrongDescriptors();
    client.hello();
    int descriptors = descriptors();
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      try {
        ContainerRecord record = record(random);
        List<FdKind> kinds = new ArrayList<>();
        List<Fd> given = new ArrayList<>();
        for (int i = random.nextInt(8); i > 0; i--) {
          kinds.add(FdKind.forNumber(random.nextInt(6)));
          given.add(wrong.get(random.nextInt(wrong.size())));
        }
        AdoptRequest.Builder adopt = AdoptRequest.newBuilder().setRecord(record).addAllFds(kinds);
        Reply reply = client.call(Request.newBuilder().setAdopt(adopt), given);
        assertThat(reply.hasAdopt() || reply.hasFailure()).isTrue();
        String id = record.getConfig().getContainerId();
        if (!id.equals(victim) && reply.hasAdopt()) {
          client.exited(id);
          assertThat(client.forget(id).hasForget()).isTrue();
        }
        assertThat(client.list().getContainersList())
            .singleElement()
            .satisfies(state -> assertThat(state.hasExited()).isFalse());
      } catch (Exception | AssertionError e) {
        fail("round %d of -Dcrij.fuzz.seed=%d: %s".formatted(round, SEED, node.monitorLog()), e);
      }
    }
    wrong.forEach(Fd::close);
    await(() -> descriptors() <= descriptors);
    assertVictimIsLogged();
  }

  @Test
  void filesOfAnotherMonitorThatAreSpoiltStopNothing() throws Exception {
    byte[] good = Files.readAllBytes(node.stateFile(victim));
    node.killMonitor(Signals.SIGKILL);
    client.close();
    Random random = new Random(SEED);
    for (int i = 0; i < 40; i++) {
      Files.write(node.stateFile(TestNode.newId()), spoilt(random, good));
    }
    Files.write(node.stateFile(TestNode.newId()), new byte[20 << 20]);
    Files.write(node.stateFile("abc"), good);
    Path later = node.stateFile(victim);
    Files.write(later, ofALaterVersion(good));
    Files.write(node.exitFile(TestNode.newId()), new byte[100]);

    client = node.startMonitor();
    client.keep();
    kept.descriptors().forEach(Fd::close);
    kept = client.kept(victim);
    assertThat(client.list().getContainersList())
        .as(node.monitorLog())
        .anySatisfy(
            state -> assertThat(state.getRecord().getConfig().getContainerId()).isEqualTo(victim));
    assertVictimIsLogged();
  }

  @Test
  void aSpoiltJournalCostsNoLine() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < 8; round++) {
      node.killMonitor(Signals.SIGKILL);
      client.close();
      Path journal = node.bundle(victim).resolve("journal");
      byte[] spoilt = Files.readAllBytes(journal);
      int spoil = random.nextInt(spoilt.length);
      switch (round % 4) {
        case 0 -> random.nextBytes(spoilt);
        case 1 -> spoilt = Arrays.copyOf(spoilt, spoil);
        case 2 -> Arrays.fill(spoilt, (byte) -1);
        default -> spoilt[0] = (byte) (1 + random.nextInt(2));
      }
      Files.write(journal, spoilt);
      client = node.startMonitor();
      assertThat(client.list().getContainersList()).hasSize(1);
      long logged = Files.size(node.logFile(victim));
      await(() -> Files.size(node.logFile(victim)) > logged);
    }
    assertVictimIsLogged();
  }

  /** All that it has written so far, in order. */
  private void assertVictimIsLogged() throws Exception {
    long logged = Files.size(node.logFile(victim));
    await(() -> Files.size(node.logFile(victim)) > logged);
    node.killMonitor(Signals.SIGTERM);
    client.close();
    String text = node.stdout(victim);
    ContainerKernelTest.assertNumbered(text, (int) text.lines().count());
    client = node.startMonitor();
  }

  private List<Fd> wrongDescriptors() throws Exception {
    Pipe closed = Pipe.open();
    closed.write().close();
    Pipe pipe = Pipe.open();
    return List.of(
        Fd.open("/dev/null", Fd.O_RDWR, 0),
        Fd.open("/dev/ptmx", Fd.O_RDWR, 0),
        Fd.open(Files.writeString(folder.resolve("file"), "text").toString(), Fd.O_RDONLY, 0),
        Fd.open(folder.toString(), Fd.O_RDONLY | Fd.O_DIRECTORY, 0),
        closed.read(),
        pipe.read(),
        pipe.write(),
        Pidfd.open(CurrentProcess.pid()).fd(),
        Descriptors.duplicate(kept.fd(FdKind.FD_KIND_STDOUT)),
        Descriptors.duplicate(kept.fd(FdKind.FD_KIND_PIDFD)));
  }

  /** Of the victim, of nobody, or with something in it that cannot be. */
  private ContainerRecord record(Random random) {
    ContainerRecord victims = kept.message().getRecord();
    ContainerRecord.Builder record = victims.toBuilder();
    switch (random.nextInt(6)) {
      case 0 -> {}
      case 1 -> record.getConfigBuilder().setContainerId("../../" + random.nextInt());
      case 2 -> record.getConfigBuilder().setContainerId(TestNode.newId()).setBundle("relative");
      case 3 -> record.clear();
      case 4 -> {
        record.getConfigBuilder().setContainerId(TestNode.newId());
        record.getConfigBuilder().getLogBuilder().setPath("../log");
      }
      default -> {
        // A container of its own, whose process has ended long ago.
        record.setStartTimeTicks(1).setPidfdInode(1).setStdoutInode(1).setStderrInode(1);
        record.getConfigBuilder().setContainerId(TestNode.newId());
        record.getConfigBuilder().setBundle(folder.toString()).getLogBuilder().setPath("");
      }
    }
    return record.build();
  }

  private static byte[] spoilt(Random random, byte[] good) {
    byte[] bytes = good.clone();
    return switch (random.nextInt(3)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> {
        random.nextBytes(bytes);
        yield bytes;
      }
      default -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
    };
  }

  private static byte[] ofALaterVersion(byte[] good) throws Exception {
    UnknownFieldSet.Field field =
        UnknownFieldSet.Field.newBuilder().addVarint(7).addFixed64(8).build();
    return ContainerRecord.parseFrom(good).toBuilder()
        .setUnknownFields(UnknownFieldSet.newBuilder().addField(4000, field).build())
        .build()
        .toByteArray();
  }

  private int descriptors() throws Exception {
    try (var files = Files.list(Path.of("/proc/" + node.monitorPid() + "/fd"))) {
      return (int) files.count();
    }
  }
}
