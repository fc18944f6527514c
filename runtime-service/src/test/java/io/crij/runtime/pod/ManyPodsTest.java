package io.crij.runtime.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.ListPodSandboxResponse;
import io.crij.records.Database;
import io.crij.records.Schema;
import io.crij.runtime.names.Ids;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxState;
import io.crij.runtime.sandbox.SandboxStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManyPodsTest {
  private static final int PODS = 1000;
  // What a gRPC client takes unasked.
  private static final int MESSAGE_BYTES = 4 << 20;

  @TempDir private Path folder;

  private static Sandbox pod(int number, Path runroot) {
    String id = Ids.random();
    return new Sandbox(
        id,
        PodNode.pod("pod" + number).putLabels("app", "web").build(),
        "",
        "/crij",
        "host",
        Set.of(),
        SandboxFolder.of(runroot, id),
        Instant.EPOCH.plusSeconds(number),
        "boot",
        SandboxState.READY);
  }

  /** The records are read at the start: a list touches neither them nor a folder of a pod. */
  @Test
  void aThousandPodsAreListedWithoutTheDisk() {
    Path file = folder.resolve("crij.db");
    List<Schema> schemas = List.of(new Schema("pods", SandboxStore.MIGRATIONS));
    try (Database database = Database.open(file, schemas)) {
      SandboxStore store = SandboxStore.open(database, folder, (_, _) -> {});
      for (int i = 0; i < PODS; i++) {
        store.create(pod(i, folder));
      }
    }
    Database database = Database.open(file, schemas);
    SandboxStore store = SandboxStore.open(database, folder, (_, _) -> {});
    database.close();

    ListPodSandboxResponse list =
        new ListPodSandbox(store).run(ListPodSandboxRequest.getDefaultInstance());

    assertThat(list.getItemsCount()).isEqualTo(PODS);
    assertThat(list.getItems(PODS - 1).getMetadata().getName()).isEqualTo("pod999");
    assertThat(list.getSerializedSize()).isLessThan(MESSAGE_BYTES);
  }
}
