package io.crij.monitor.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Fd;
import io.crij.linux.exec.SealedFile;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedClient;
import io.crij.monitor.v1.HandedContainer;
import io.crij.monitor.v1.HandedDescriptor;
import io.crij.monitor.v1.HandedExecSync;
import io.crij.monitor.v1.HandedOutput;
import io.crij.monitor.v1.HandedSession;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ReceivedHandOverTest {
  private static final int ROUNDS = 5000;
  private static final long SEED = 42;
  private static final int MOST_CHANGES = 8;

  @Test
  void whatWasWrittenIsRead() throws IOException {
    assertThat(read(handOver().toByteArray())).isEqualTo(handOver());
  }

  @Test
  void anotherFormatIsRefused() {
    byte[] newer =
        handOver().toBuilder().setFormat(ReceivedHandOver.FORMAT + 1).build().toByteArray();
    assertThatThrownBy(() -> read(newer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("format");
    assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(IOException.class);
  }

  /** Damaged ones are read or refused: nothing else may come of them. */
  @Test
  void damageIsRefused() {
    Random random = new Random(SEED);
    byte[] whole = handOver().toByteArray();
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged =
          Arrays.copyOf(
              whole, random.nextInt(2) == 0 ? whole.length : random.nextInt(whole.length));
      for (int i = random.nextInt(MOST_CHANGES); i >= 0 && damaged.length > 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        HandOver read = read(damaged);
        assertThat(read.getFormat()).as("round %d", round).isBetween(1, ReceivedHandOver.FORMAT);
        assertThat(Listing.numbers(read)).as("round %d", round).isNotNull();
      } catch (IOException _) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private static HandOver read(byte[] bytes) throws IOException {
    try (Fd file = SealedFile.of("hand-over", bytes)) {
      return ReceivedHandOver.read(file);
    }
  }

  private static HandOver handOver() {
    return HandOver.newBuilder()
        .setFormat(ReceivedHandOver.FORMAT)
        .setFromVersion("0.1.0")
        .setLock(4)
        .setListener(5)
        .addContainers(
            HandedContainer.newBuilder()
                .setRecord(ContainerRecord.newBuilder().setPid(1))
                .addDescriptors(descriptor(FdKind.FD_KIND_STDOUT, 6))
                .addDescriptors(descriptor(FdKind.FD_KIND_STDERR, 7)))
        .addClients(HandedClient.newBuilder().setNumber(8).setKeeper(true).addUpgradeRequests(3))
        .addSessions(HandedSession.newBuilder().setPidfd(9).setMaster(10).setClient(8))
        .addExecSyncs(
            HandedExecSync.newBuilder()
                .setPidfd(11)
                .addOutputs(HandedOutput.newBuilder().setPipe(12).setFile(13).setKeptBytes(14)))
        .build();
  }

  private static HandedDescriptor descriptor(FdKind kind, int number) {
    return HandedDescriptor.newBuilder().setKind(kind).setNumber(number).build();
  }
}
