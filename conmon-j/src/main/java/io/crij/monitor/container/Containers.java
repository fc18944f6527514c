package io.crij.monitor.container;

import io.crij.linux.LinuxException;
import io.crij.linux.process.ExitStatus;
import io.crij.monitor.figures.LogFigures;
import io.crij.monitor.log.ContainerLog;
import io.crij.monitor.log.LogSettings;
import io.crij.monitor.log.StreamBuffers;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.StdinState;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All containers of the node; to be used on the loop's thread. */
public final class Containers implements AutoCloseable {
  /**
   * How long a new monitor waits for the descriptors of containers that have ended, if the other
   * keeper does not come and say that it has none.
   */
  private static final Duration ADOPTION_TIME = Duration.ofSeconds(10);

  /** After it, an end is written down again that could not be. */
  private static final Duration EXIT_RETRY = Duration.ofSeconds(1);

  private static final String MONITOR_LOST = "MonitorLost";
  private static final int UNKNOWN_CODE = 255;
  private static final int KILLED_CODE = 137;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final RunDirectory directory;
  private final EventLoop loop;
  private final Children children;
  private final LogFigures figures;
  private final StreamBuffers buffers = new StreamBuffers();
  private final Map<String, Container> containers = new LinkedHashMap<>();

  /** Claimed ids, with what waits for the end of their creation. */
  private final Map<String, List<Runnable>> creating = new HashMap<>();

  private final ContainerEvents events;
  private final Container.Listener listener =
      new Container.Listener() {
        @Override
        public void ended(Container container) {
          Containers.this.ended(container);
        }

        @Override
        public void outOfMemory(Container container, long kills) {
          events.outOfMemory(container.id(), kills);
        }
      };
  private boolean adopting;

  public Containers(
      RunDirectory directory,
      EventLoop loop,
      Children children,
      ContainerEvents events,
      LogFigures figures) {
    this.figures = figures;
    this.directory = directory;
    this.loop = loop;
    this.children = children;
    this.events = events;
  }

  public Collection<Container> all() {
    return List.copyOf(containers.values());
  }

  public @Nullable Container find(String containerId) {
    return containers.get(containerId);
  }

  /** Whether any container has not ended. */
  public boolean anyLiving() {
    return !creating.isEmpty() || living() > 0;
  }

  /** How many have not ended. */
  public long living() {
    return containers.values().stream().filter(c -> c.exited() == null).count();
  }

  /** Claims the id for a container to be created; false if it is taken. */
  public boolean claim(String containerId) {
    return !containers.containsKey(containerId)
        && creating.putIfAbsent(containerId, new ArrayList<>()) == null;
  }

  /** Gives a claimed id back: nothing was created. */
  public void release(String containerId) {
    created(containerId);
  }

  /** Runs {@code action} when the container is not being created, or not any more. */
  public void afterCreation(String containerId, Runnable action) {
    List<Runnable> waiting = creating.get(containerId);
    if (waiting == null) {
      action.run();
    } else {
      waiting.add(action);
    }
  }

  private void created(String containerId) {
    List<Runnable> waiting = creating.remove(containerId);
    if (waiting != null) {
      waiting.forEach(Runnable::run);
    }
  }

  /** Takes over what was created under a claimed id. */
  public void add(Create.Created created) {
    Container container = add(created.record(), created.log());
    try (HeldDescriptors held = created.descriptors()) {
      container.attach(held);
    }
    events.living(container);
    created(container.id());
  }

  private Container add(ContainerRecord record, ContainerLog log) {
    Container container = new Container(record, log, loop, buffers, listener);
    containers.put(container.id(), container);
    return container;
  }

  /**
   * Takes over the containers of the last monitor: what can be opened through {@code /proc} is
   * taken at once, so that nothing is lost of a container that ends now; the rest has to be
   * adopted.
   */
  public void takeOver(Inherited inherited) {
    adopting = inherited.isAdopting();
    inherited.records().forEach(record -> takeOverIfPossible(record, inherited));
    for (ContainerRecord record : directory.readStates()) {
      if (!containers.containsKey(record.getConfig().getContainerId())) {
        takeOverIfPossible(record, inherited);
      }
    }
    // Of containers that are not known any more.
    inherited.close();
    if (adopting) {
      loop.after(ADOPTION_TIME, this::endAdoption);
    }
  }

  /**
   * What the last monitor was about to create and has no record of: claimed, until the caller has
   * removed it and {@link #release}s it.
   */
  public List<CreateRequest> claimUnfinished() {
    List<CreateRequest> unfinished = new ArrayList<>();
    for (CreateRequest request : directory.readIntents()) {
      if (directory.hasState(request.getContainerId()) || !claim(request.getContainerId())) {
        directory.deleteIntent(request.getContainerId());
      } else {
        unfinished.add(request);
      }
    }
    return unfinished;
  }

  private void takeOverIfPossible(ContainerRecord record, Inherited inherited) {
    try (HeldDescriptors held = inherited.take(record)) {
      Container container = takeOver(record, held);
      if (container.exited() == null) {
        events.living(container);
      }
    } catch (RuntimeException e) {
      String id = record.getConfig().getContainerId();
      StderrLog.failure("container " + id + " cannot be taken over", e);
    }
  }

  private Container takeOver(ContainerRecord record, HeldDescriptors held) {
    CreateRequest config = record.getConfig();
    ContainerLog log =
        ContainerLog.resume(
            LogSettings.of(config.getLog()),
            new BundleFiles(Path.of(config.getBundle())).journal().toString(),
            figures);
    Container container = add(record, log);
    Exited exited = directory.readExit(container.id());
    if (exited == null) {
      // It may be a child of ours, if this process was another program before.
      children.claim(record.getPid());
    } else {
      container.exited(exited);
    }
    container.attach(held);
    if (!container.isComplete()) {
      try (HeldDescriptors found = FoundDescriptors.of(record)) {
        container.attach(found);
      }
    }
    return container;
  }

  /**
   * Takes those of the descriptors that are missing. A container that is not known is taken over by
   * its record.
   *
   * @throws IllegalArgumentException when the record cannot be one
   */
  public void adopt(ContainerRecord record, HeldDescriptors given) {
    Plausible.check(record);
    Container known = containers.get(record.getConfig().getContainerId());
    try (HeldDescriptors held = Plausible.of(known == null ? record : known.record(), given)) {
      Container container = known;
      if (container == null) {
        directory.writeState(record);
        container = takeOver(record, held);
      } else {
        container.attach(held);
      }
      if (container.exited() == null && container.hasEnded()) {
        ended(container);
      } else if (container.exited() == null) {
        events.living(container);
      }
    }
  }

  /** All of them, for the next program in this process. */
  public void handOver(HandOver.Builder handOver) {
    handOver.setAdopting(adopting);
    for (Container container : containers.values()) {
      handOver.addContainers(container.handOver());
    }
  }

  /** Nobody has descriptors that are missing: what has ended without them is over. */
  public void endAdoption() {
    adopting = false;
    for (Container container : all()) {
      if (container.exited() == null && !container.isComplete() && container.hasEnded()) {
        ended(container);
      }
      boolean stdinAttached = container.record().getStdinState() == StdinState.STDIN_STATE_ATTACHED;
      if (stdinAttached && container.stdinClients(0) == 0) {
        // The client that was attached has gone with the last monitor.
        closeStdin(container);
      }
    }
  }

  /** A client is attached to its stdin; it is the one that stdin may end with. */
  void stdinAttached(Container container) {
    container.stdinClients(1);
    if (endsWithItsClient(container)
        && container.record().getStdinState() == StdinState.STDIN_STATE_OPEN) {
      container.stdin(StdinState.STDIN_STATE_ATTACHED);
      directory.writeState(container.record());
    }
  }

  /** A client that was attached to its stdin is gone. */
  void stdinDetached(Container container) {
    container.stdinClients(-1);
    closeStdin(container);
  }

  /** A client has closed its stdin: with stdin_once, it is closed for good. */
  public void closeStdin(Container container) {
    if (endsWithItsClient(container)
        && container.exited() == null
        && container.record().getStdinState() != StdinState.STDIN_STATE_CLOSED) {
      container.stdin(StdinState.STDIN_STATE_CLOSED);
      // Before anybody is told: a successor must not open it again.
      directory.writeState(container.record());
      events.stdinClosed(container.id());
    }
  }

  /** A terminal cannot be closed without hanging the container up. */
  private static boolean endsWithItsClient(Container container) {
    CreateRequest config = container.record().getConfig();
    return config.getStdinOnce() && config.getStdin() && !config.getTty();
  }

  private void ended(Container container) {
    boolean mayGetMore = adopting && !container.isComplete();
    if (container.exited() != null || mayGetMore) {
      return;
    }
    drain(container);
    ExitStatus status = container.exitStatus();
    children.reaped(container.record().getPid());
    boolean sawOomKill = container.sawOomKill();
    Exited exited = exited(container, status, sawOomKill);
    writeExit(exited);
    container.exited(exited);
    events.exited(exited);
  }

  /** What cannot be logged is no reason not to tell of the end. */
  private static void drain(Container container) {
    try {
      container.drain();
    } catch (RuntimeException e) {
      StderrLog.failure("the last output of container " + container.id(), e);
    }
  }

  /** Where there is no room for it now, it is told at once all the same, and written later. */
  private void writeExit(Exited exited) {
    try {
      directory.writeExit(exited);
    } catch (LinuxException | UncheckedIOException e) {
      StderrLog.failure("the end of container " + exited.getContainerId() + " is not on disk", e);
      loop.after(
          EXIT_RETRY,
          () -> {
            if (containers.containsKey(exited.getContainerId())) {
              writeExit(exited);
            }
          });
    }
  }

  private static Exited exited(
      Container container, @Nullable ExitStatus status, boolean sawOomKill) {
    Instant now = Instant.now();
    Exited.Builder exited =
        Exited.newBuilder()
            .setContainerId(container.id())
            .setFinishedAtNanos(now.getEpochSecond() * SECOND_NANOS + now.getNano());
    if (status == null) {
      return exited.setExitCode(UNKNOWN_CODE).setReason(MONITOR_LOST).build();
    }
    // Not when only a child was killed and the container went on to its own end.
    boolean oomKilled = sawOomKill && status.shellCode() == KILLED_CODE;
    return exited
        .setExitCode(status.shellCode())
        .setSignal(status.signal())
        .setOomKilled(oomKilled)
        .build();
  }

  /**
   * Drops a container that has ended, with its files; nothing happens if it is not known.
   *
   * @return false if it lives
   */
  public boolean forget(String containerId) {
    Container container = containers.get(containerId);
    if (container != null && container.exited() == null) {
      return false;
    }
    containers.remove(containerId);
    directory.forget(containerId);
    events.forgotten(containerId);
    if (container != null) {
      container.close();
      try {
        new BundleFiles(Path.of(container.record().getConfig().getBundle())).delete();
      } catch (LinuxException e) {
        StderrLog.failure("forget " + containerId, e);
      }
    }
    return true;
  }

  /** Lets all descriptors go; the containers run on. */
  @Override
  public void close() {
    containers.values().forEach(Container::close);
    containers.clear();
    buffers.close();
  }
}
