package io.crij.runtime.events;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerEventResponse;
import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.PodSandboxStatus;
import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.linux.process.ProcessId;
import io.crij.records.Database;
import io.crij.records.Schema;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.records.Lifecycle.End;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxState;
import io.crij.runtime.sandbox.SandboxStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which changes of the records are told, in which order, and to whom. */
class ContainerEventsTest {
  @TempDir private Path folder;

  private final ContainerEvents events = new ContainerEvents();
  private Database database;
  private SandboxStore sandboxes;
  private ContainerStore containers;
  private int looks;

  @BeforeEach
  void open() {
    database =
        Database.open(
            folder.resolve("crij.db"),
            List.of(
                new Schema("pods", SandboxStore.MIGRATIONS),
                new Schema("containers", ContainerStore.MIGRATIONS)));
    sandboxes = SandboxStore.open(database, folder, events::sandboxChanged);
    containers = ContainerStore.open(database, folder, events::containerChanged);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void begin() {
    events.open(new PodSnapshot(sandboxes, containers, this::status));
  }

  private PodSandboxStatusResponse status(Sandbox sandbox) {
    looks++;
    return PodSandboxStatusResponse.newBuilder()
        .setStatus(
            PodSandboxStatus.newBuilder()
                .setId(sandbox.id())
                .setMetadata(sandbox.config().getMetadata())
                .setState(
                    sandbox.isReady()
                        ? PodSandboxState.SANDBOX_READY
                        : PodSandboxState.SANDBOX_NOTREADY))
        .addAllContainersStatuses(
            containers.ofSandbox(sandbox.id()).stream()
                .map(one ->
                    ContainerStatus.newBuilder()
                        .setId(one.id())
                        .setState(one.life().state())
                        .build())
                .toList())
        .build();
  }

  /** Its id says which it is. */
  private String pod(char letter) {
    String id = String.valueOf(letter).repeat(64);
    sandboxes.create(NewRecords.sandbox(folder, id));
    return id;
  }

  private String readyPod(char letter) {
    String id = pod(letter);
    sandboxes.setState(id, SandboxState.READY);
    return id;
  }

  private String container(String pod, char letter) {
    return container(pod, String.valueOf(letter).repeat(64));
  }

  private String container(String pod, String id) {
    containers.create(NewRecords.container(folder, pod, id));
    containers.update(
        id,
        life -> life.created(1, new ProcessId(1, 1), new ContainerIdentity(0, 0, List.of()), ""));
    return id;
  }

  private Container record(String id) {
    return containers.get(id);
  }

  private void end(String id) {
    containers.update(id, life -> life.ended(new End(3, 0, false, "", "")));
  }

  private void start(String id) {
    events.startBegins(id);
    containers.update(id, life -> life.started(2));
    events.startEnds(record(id));
  }

  /** What waits for a client. */
  private List<ContainerEventResponse> taken(Subscription subscription) {
    List<ContainerEventResponse> taken = new ArrayList<>();
    subscription.end(new ServiceException.Unavailable("the test has seen enough"));
    assertThatThrownBy(() -> subscription.giveTo(taken::add))
        .isInstanceOf(ServiceException.Unavailable.class);
    return taken;
  }

  /** Letter and type of each, for example {@code aCREATED}. */
  private static List<String> names(List<ContainerEventResponse> events) {
    return events.stream()
        .map(event ->
            event.getContainerId().charAt(0)
                + event.getContainerEventType().name().replaceAll("CONTAINER_(\\w+)_EVENT", "$1"))
        .toList();
  }

  @Test
  void aLifeIsToldInOrderAndWithWhatIsTrueThen() {
    begin();
    Subscription subscription = events.subscribe();
    String pod = readyPod('a');
    String container = container(pod, 'b');
    start(container);
    end(container);
    containers.remove(container);
    sandboxes.setState(pod, SandboxState.NOTREADY);
    sandboxes.remove(pod);

    List<ContainerEventResponse> taken = taken(subscription);
    assertThat(names(taken))
        .containsExactly(
            "aCREATED",
            "aSTARTED",
            "bCREATED",
            "bSTARTED",
            "bSTOPPED",
            "bDELETED",
            "aSTOPPED",
            "aDELETED");
    assertThat(taken.stream().map(ContainerEventsTest::states))
        .containsExactly(
            "", "", "CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED", "", "", "");
    assertThat(taken)
        .allSatisfy(event -> {
          assertThat(event.getPodSandboxStatus().getId()).isEqualTo(pod);
          assertThat(event.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("uid");
        });
    assertThat(taken.getLast().getPodSandboxStatus().getState())
        .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(taken.stream().map(ContainerEventResponse::getCreatedAt))
        .isSorted()
        .doesNotHaveDuplicates();
  }

  private static String states(ContainerEventResponse event) {
    return event.getContainersStatusesList().stream()
        .map(status -> status.getState().name())
        .collect(Collectors.joining(" "));
  }

  @Test
  void anEndBeforeTheStartReturnedIsToldAfterTheStart() {
    begin();
    String container = container(readyPod('a'), 'b');
    Subscription subscription = events.subscribe();
    int known = names(taken(events.subscribe())).size();
    events.startBegins(container);
    end(container);
    containers.update(container, life -> life.started(2));
    events.startEnds(record(container));

    List<String> told = names(taken(subscription));
    assertThat(told.subList(known, told.size())).containsExactly("bSTARTED", "bSTOPPED");
  }

  @Test
  void aStartThatFailedIsAnEndOnly() {
    begin();
    String pod = readyPod('a');
    String early = container(pod, 'b');
    String late = container(pod, 'c');
    Subscription subscription = events.subscribe();
    int known = names(taken(events.subscribe())).size();
    events.startBegins(early);
    end(early);
    events.startEnds(record(early));
    containers.update(early, life -> life.started(2).withReason(128, "StartError", ""));
    events.startBegins(late);
    events.startEnds(record(late));
    containers.update(late, life -> life.started(2).ended(new End(3, 128, false, "", "")));

    List<String> told = names(taken(subscription));
    assertThat(told.subList(known, told.size())).containsExactly("bSTOPPED", "cSTOPPED");
  }

  @Test
  void aPodHasStoppedWhenItsContainersHave() {
    begin();
    String pod = readyPod('a');
    String container = container(pod, 'b');
    start(container);
    Subscription subscription = events.subscribe();
    int known = names(taken(events.subscribe())).size();
    sandboxes.setState(pod, SandboxState.NOTREADY);
    end(container);
    sandboxes.setState(pod, SandboxState.NOTREADY);

    List<String> told = names(taken(subscription));
    assertThat(told.subList(known, told.size())).containsExactly("bSTOPPED", "aSTOPPED");
  }

  @Test
  void aPodThatBrokeHasStoppedAtOnceAndOnce() {
    begin();
    String pod = readyPod('a');
    start(container(pod, 'b'));
    Subscription subscription = events.subscribe();
    int known = names(taken(events.subscribe())).size();
    sandboxes.breakReady(pod);
    sandboxes.setState(pod, SandboxState.NOTREADY);

    List<String> told = names(taken(subscription));
    assertThat(told.subList(known, told.size())).containsExactly("aSTOPPED");
  }

  @Test
  void aPodThatWasNeverReadyIsNotToldOf() {
    begin();
    Subscription subscription = events.subscribe();
    sandboxes.remove(pod('a'));

    assertThat(taken(subscription)).isEmpty();
  }

  @Test
  void whatWasRecordedSinceTheStartIsToldToWhoComes() {
    String pod = readyPod('a');
    String container = container(pod, 'b');
    start(container);
    end(container);
    String gone = container(pod, 'c');
    end(gone);
    containers.remove(gone);
    begin();

    assertThat(names(taken(events.subscribe()))).containsExactly("aSTARTED", "bSTOPPED");
    assertThat(names(taken(events.subscribe()))).containsExactly("aSTARTED", "bSTOPPED");
  }

  /** More than may wait for a client: each is made as it takes them, and it is not cut off. */
  @Test
  void howeverMuchWasRecordedSinceTheStartItIsTold() {
    String pod = readyPod('a');
    int crowd = 600; // each event tells of all of them
    for (int i = 0; i < crowd; i++) {
      container(pod, "%064d".formatted(i));
    }
    begin();
    Subscription subscription = events.subscribe();
    assertThat(looks).isZero();
    containers.remove("%064d".formatted(0));

    List<ContainerEventResponse> taken = taken(subscription);

    long bytes = taken.stream().mapToLong(ContainerEventResponse::getSerializedSize).sum();
    assertThat(bytes).isGreaterThan(Subscription.MOST_BYTES);
    assertThat(names(taken)).hasSize(1 + crowd + 1).startsWith("aSTARTED").endsWith("0DELETED");
    assertThat(taken.stream().map(ContainerEventResponse::getCreatedAt))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(events.lost()).isZero();
  }

  @Test
  void whatIsGoneWhenItsTurnComesIsNotToldOf() {
    String pod = readyPod('a');
    begin();
    Subscription subscription = events.subscribe();
    sandboxes.remove(pod);

    assertThat(names(taken(subscription))).containsExactly("aDELETED");
  }

  @Test
  void nobodyListensAndNothingIsMade() {
    begin();
    String pod = readyPod('a');
    start(container(pod, 'b'));
    Subscription gone = events.subscribe();
    taken(gone);
    looks = 0;

    sandboxes.setState(pod, SandboxState.NOTREADY);
    sandboxes.remove(pod);

    assertThat(looks).isZero();
  }

  @Test
  void aClientThatTakesNothingIsEndedAndOthersAreNot() throws InterruptedException {
    begin();
    String pod = readyPod('a');
    Subscription slow = events.subscribe();
    Subscription attentive = events.subscribe();
    List<ContainerEventResponse> heard = Collections.synchronizedList(new ArrayList<>());
    Thread reader =
        Thread.ofVirtual()
            .start(() ->
                assertThatThrownBy(() -> attentive.giveTo(heard::add))
                    .isInstanceOf(ServiceException.Unavailable.class));
    int rounds = Subscription.MOST_EVENTS / 3 + 1;
    for (int round = 0; round < rounds; round++) {
      String container = container(pod, 'b');
      end(container);
      containers.remove(container);
      if (round % 100 == 0) {
        int told = 3 * round + 4;
        await("what was told is heard", () -> heard.size() == told);
      }
    }

    assertThat(events.lost()).isGreaterThan(Subscription.MOST_EVENTS / 2);
    assertThatThrownBy(() -> slow.giveTo(event -> assertThat(event).isNull()))
        .isInstanceOf(ServiceException.ResourceExhausted.class)
        .hasMessageContaining("events of")
        .hasMessageContaining("were not taken");
    events.close();
    assertThat(reader.join(Duration.ofSeconds(60))).isTrue();
    assertThat(names(heard)).hasSize(3 * rounds + 1).endsWith("bCREATED", "bSTOPPED", "bDELETED");
  }

  @Test
  void clientsHaveABound() {
    begin();
    for (int i = 0; i < ContainerEvents.MOST_CLIENTS; i++) {
      events.subscribe();
    }
    assertThatThrownBy(events::subscribe).isInstanceOf(ServiceException.ResourceExhausted.class);
  }

  @Test
  void theEndOfTheServiceIsUnavailable() {
    begin();
    Subscription open = events.subscribe();
    events.close();

    assertThatThrownBy(() -> open.giveTo(_ -> {})).isInstanceOf(ServiceException.Unavailable.class);
    assertThatThrownBy(events::subscribe).isInstanceOf(ServiceException.Unavailable.class);
  }
}
