package io.crij.runtime.events;

import static io.crij.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.crij.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.crij.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.crij.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;

import io.crij.cri.v1.ContainerEventResponse;
import io.crij.cri.v1.ContainerEventType;
import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.Now;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of pods and containers, told to all who listen in the order in which it is recorded.
 * An event is what a change of a record means; where nobody listens none is made.
 *
 * <p>A pod that is being stopped has stopped when none of its processes lives. A container that has
 * ended before its start returned is told of as started first.
 *
 * <p>Changes since this program was away are told to those who come soon after its start: a client
 * was cut off by its end, and containers may have ended meanwhile. Of each pod and container the
 * last change is told, with what is true by then.
 */
public final class ContainerEvents implements AutoCloseable {
  /** A kubelet listens once, and perhaps a few people. */
  static final int MOST_CLIENTS = 64;

  private static final Duration TOLD_AGAIN = Duration.ofMinutes(5);

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final Map<String, Change> sinceStart = new LinkedHashMap<>();
  private final Set<String> starting = new HashSet<>();
  private final Set<String> endedEarly = new HashSet<>();
  private final Set<String> stopping = new HashSet<>();
  private final long start = System.nanoTime();
  private @Nullable PodSnapshot pods;
  private final AtomicLong lost = new AtomicLong();
  private boolean closed;
  private long last;

  private record Change(ContainerEventType type, String sandboxId) {}

  /** From now on there can be clients. What was recorded before is told to them, too. */
  public void open(PodSnapshot snapshot) {
    lock.lock();
    try {
      pods = snapshot;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins to listen: whatever is recorded from now on is told.
   *
   * @throws ServiceException.ResourceExhausted when too many listen
   * @throws ServiceException.Unavailable when the service ends
   */
  public Subscription subscribe() {
    lock.lock();
    try {
      if (pods == null || closed) {
        throw ending();
      }
      if (subscriptions.size() >= MOST_CLIENTS) {
        throw new ServiceException.ResourceExhausted(
            MOST_CLIENTS + " clients listen to events already");
      }
      forgetOldChanges();
      Subscription subscription = new Subscription(changesSinceStart(pods), this::forget);
      subscriptions.add(subscription);
      return subscription;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Their times are before those of later events; what is true then is looked at when it is told.
   */
  private Queue<Supplier<@Nullable ContainerEventResponse>> changesSinceStart(
      PodSnapshot snapshot) {
    Queue<Supplier<@Nullable ContainerEventResponse>> events = new ArrayDeque<>();
    sinceStart.forEach((id, change) -> {
      long at = nextTime();
      events.add(() -> {
        Sandbox sandbox = snapshot.find(change.sandboxId());
        return sandbox == null ? null : event(change.type(), id, at, snapshot.of(sandbox));
      });
    });
    return events;
  }

  private void forget(Subscription subscription) {
    lock.lock();
    try {
      subscriptions.remove(subscription);
    } finally {
      lock.unlock();
    }
  }

  private boolean isOld() {
    return System.nanoTime() - start > TOLD_AGAIN.toNanos();
  }

  private void forgetOldChanges() {
    if (isOld()) {
      sinceStart.clear();
    }
  }

  /** A container is about to be started: if it ends at once, that is told after its start. */
  public void startBegins(String containerId) {
    lock.lock();
    try {
      starting.add(containerId);
    } finally {
      lock.unlock();
    }
  }

  /** What there is to say of the start is recorded. May be called again. */
  public void startEnds(Container container) {
    lock.lock();
    try {
      starting.remove(container.id());
      if (endedEarly.remove(container.id())) {
        tellEnd(container);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The record of a container has changed.
   *
   * @param before null: it is new
   * @param after null: it was removed
   */
  public void containerChanged(@Nullable Container before, @Nullable Container after) {
    lock.lock();
    try {
      if (after == null) {
        removed(before);
      } else if (before != null) {
        lived(before, after);
      }
    } finally {
      lock.unlock();
    }
  }

  private void removed(@Nullable Container container) {
    if (container != null && !container.life().isBeingMade() && !container.isInfra()) {
      endedEarly.remove(container.id());
      tell(CONTAINER_DELETED_EVENT, container.id(), container.sandboxId());
      tellPodEnd(container.sandboxId());
    }
  }

  private void lived(Container before, Container after) {
    boolean ended = after.life().hasEnded() && !before.life().hasEnded();
    boolean started = after.life().startedAt() != 0 && before.life().startedAt() == 0;
    if (before.life().isBeingMade() && !after.life().isBeingMade()) {
      tell(CONTAINER_CREATED_EVENT, after);
    }
    if (started && !ended && (!after.life().hasEnded() || endedEarly.contains(after.id()))) {
      tell(CONTAINER_STARTED_EVENT, after);
    }
    if (ended && !started && starting.contains(after.id())) {
      endedEarly.add(after.id());
    } else if (ended || (started && endedEarly.remove(after.id()))) {
      tellEnd(after);
    }
  }

  private void tellEnd(Container container) {
    tell(CONTAINER_STOPPED_EVENT, container);
    tellPodEnd(container.sandboxId());
  }

  /** Infra containers are not to be seen: their pod's events tell of them. */
  private void tell(ContainerEventType type, Container container) {
    if (!container.isInfra()) {
      tell(type, container.id(), container.sandboxId());
    }
  }

  private void tellPodEnd(String sandboxId) {
    if (stopping.contains(sandboxId) && !lives(sandboxId)) {
      stopping.remove(sandboxId);
      tell(CONTAINER_STOPPED_EVENT, sandboxId, sandboxId);
    }
  }

  private boolean lives(String sandboxId) {
    return pods != null && pods.lives(sandboxId);
  }

  /**
   * The record of a pod has changed.
   *
   * @param before null: it is new
   * @param after null: it was removed
   */
  public void sandboxChanged(@Nullable Sandbox before, @Nullable Sandbox after) {
    if (before == null) {
      return;
    }
    lock.lock();
    try {
      String id = before.id();
      if (after == null) {
        stopping.remove(id);
        if (before.state().isListed()) {
          Sandbox gone = before.withState(SandboxState.NOTREADY);
          tell(CONTAINER_DELETED_EVENT, id, id, gone);
        }
      } else if (after.isReady() && !before.isReady()) {
        tell(CONTAINER_CREATED_EVENT, id, id);
        tell(CONTAINER_STARTED_EVENT, id, id);
      } else if (before.isReady() && !after.isReady()) {
        stopping.add(id);
        if (after.mayRun()) {
          // What held its namespaces has ended; its containers may go on.
          stopping.remove(id);
          tell(CONTAINER_STOPPED_EVENT, id, id);
        }
        tellPodEnd(id);
      }
    } finally {
      lock.unlock();
    }
  }

  private void tell(ContainerEventType type, String id, String sandboxId) {
    tell(type, id, sandboxId, null);
  }

  private void tell(
      ContainerEventType type, String id, String sandboxId, @Nullable Sandbox removed) {
    if (type == CONTAINER_DELETED_EVENT) {
      sinceStart.remove(id);
    } else if (!isOld()) {
      sinceStart.put(id, new Change(type, sandboxId));
    }
    if (!subscriptions.isEmpty()) {
      ContainerEventResponse event = event(type, id, sandboxId, removed);
      subscriptions.removeIf(subscription -> !tell(subscription, event));
    }
  }

  private boolean tell(Subscription subscription, ContainerEventResponse event) {
    if (subscription.add(event)) {
      return true;
    }
    lost.addAndGet(subscription.lost());
    return false;
  }

  /** How many events were not sent to clients that took them too slowly. */
  public long lost() {
    return lost.get();
  }

  private ContainerEventResponse event(
      ContainerEventType type, String id, String sandboxId, @Nullable Sandbox removed) {
    // Before the look at the pod: a later change is an event of its own, with a later time.
    long at = nextTime();
    Sandbox sandbox = removed == null && pods != null ? pods.find(sandboxId) : removed;
    return event(type, id, at, pods == null || sandbox == null ? null : pods.of(sandbox));
  }

  private long nextTime() {
    last = Math.max(Now.nanos(), last + 1);
    return last;
  }

  private static ContainerEventResponse event(
      ContainerEventType type, String id, long at, @Nullable PodSandboxStatusResponse status) {
    ContainerEventResponse.Builder event =
        ContainerEventResponse.newBuilder()
            .setContainerId(id)
            .setContainerEventType(type)
            .setCreatedAt(at);
    if (status != null) {
      event
          .setPodSandboxStatus(status.getStatus())
          .addAllContainersStatuses(status.getContainersStatusesList());
    }
    return event.build();
  }

  private static ServiceException ending() {
    return new ServiceException.Unavailable("crijd ends: list and subscribe again when it is back");
  }

  /** Ends all subscriptions, once what waits for them was taken. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      subscriptions.forEach(subscription -> subscription.end(ending()));
    } finally {
      lock.unlock();
    }
  }
}
