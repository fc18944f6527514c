package io.crij.runtime.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.linux.namespace.NamespaceType;
import io.crij.records.Database;
import io.crij.records.Schema;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.Ids;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxStoreTest {
  @TempDir Path folder;
  private Database database;
  private Path runroot;

  @BeforeEach
  void open() {
    runroot = folder.resolve("run");
    database =
        Database.open(
            folder.resolve("crij.db"), List.of(new Schema("test", SandboxStore.MIGRATIONS)));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Sandbox sandbox(String id) {
    return new Sandbox(
        id,
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName("web")
                    .setNamespace("default")
                    .setUid("u1")
                    .setAttempt(2))
            .putAnnotations("a", "b\nc")
            .build(),
        "crun",
        "/crij",
        "web",
        Set.of(NamespaceType.NETWORK, NamespaceType.IPC),
        SandboxFolder.of(runroot, id),
        Instant.parse("2026-01-02T03:04:05.123456789Z"),
        "boot",
        SandboxState.CREATING);
  }

  @Test
  void recordsOutliveTheProgram() {
    SandboxStore store = SandboxStore.open(database, runroot, (_, _) -> {});
    Sandbox sandbox = sandbox(Ids.random());
    store.create(sandbox);
    store.setState(sandbox.id(), SandboxState.READY);

    SandboxStore again = SandboxStore.open(database, runroot, (_, _) -> {});
    assertThat(again.get(sandbox.id())).isEqualTo(sandbox.withState(SandboxState.READY));
    assertThat(again.get(sandbox.id()).name()).isEqualTo("default_web_u1_2");

    again.remove(sandbox.id());
    again.remove(sandbox.id());
    assertThat(SandboxStore.open(database, runroot, (_, _) -> {}).all()).isEmpty();
    assertThatThrownBy(() -> again.setState(sandbox.id(), SandboxState.READY))
        .isInstanceOf(ServiceException.NotFound.class);
  }

  @Test
  void anIdMayBeGivenByItsBeginning() {
    SandboxStore store = SandboxStore.open(database, runroot, (_, _) -> {});
    Sandbox first = sandbox("ab" + "0".repeat(62));
    Sandbox second = sandbox("ac" + "0".repeat(62));
    store.create(first);
    store.create(second);

    assertThat(store.find("ab")).isEqualTo(first);
    assertThat(store.find("b")).isNull();
    assertThat(store.find("")).isNull();
    assertThatThrownBy(() -> store.find("a")).isInstanceOf(ServiceException.InvalidArgument.class);
    assertThatThrownBy(() -> store.get("../x")).isInstanceOf(ServiceException.NotFound.class);
  }

  @Test
  void anUnreadableRecordIsPassedOver() {
    SandboxStore store = SandboxStore.open(database, runroot, (_, _) -> {});
    Sandbox good = sandbox(Ids.random());
    store.create(good);
    database.write(connection -> {
      try (var insert = connection.createStatement()) {
        return insert.executeUpdate(
            "INSERT INTO sandboxes SELECT '"
                + Ids.random()
                + "', x'ff00ff', '', '', '', namespaces, 0, '', state FROM sandboxes");
      }
    });

    assertThat(SandboxStore.open(database, runroot, (_, _) -> {}).all()).containsExactly(good);
  }
}
