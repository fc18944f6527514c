package io.crij.runtime.stats;

import io.crij.linux.cgroup.Controllers;
import io.crij.linux.cgroup.GroupUsage;
import io.crij.linux.cgroup.KeptFiles;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.sandbox.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what cgroups use, for all who ask: who comes within {@link #FRESH} of another is given the
 * same sample, and those who come at the same time wait for one reading. What was used a second is
 * told of the time between two readings at least {@link #WINDOW} apart, or since the group's birth.
 * The files of a group that is asked for stay open until nobody has asked for long, or it is gone.
 */
public final class Sampler implements AutoCloseable {
  static final Duration FRESH = Duration.ofMillis(250);
  static final Duration WINDOW = Duration.ofSeconds(1);

  /** What was used a second in a longer time is not what is used now. */
  static final Duration LONGEST_WINDOW = Duration.ofMinutes(2);

  /** Of so many groups at most files stay open, up to nine of each. */
  static final int MOST_KEPT = 2048;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Controllers controllers;
  private final LongSupplier clock;
  private final Map<String, Group> groups = new ConcurrentHashMap<>();
  private final AtomicLong swept = new AtomicLong();
  private final AtomicInteger kept = new AtomicInteger();

  /**
   * @param clock nanoseconds since 1970
   */
  Sampler(Controllers controllers, LongSupplier clock) {
    this.controllers = controllers;
    this.clock = clock;
  }

  /** Of the cgroups of this node. */
  public static Sampler ofNode() {
    return new Sampler(Controllers.ofNode(), () -> UsageMessages.nanos(Instant.now()));
  }

  /** Where it reads. */
  public Controllers controllers() {
    return controllers;
  }

  /** Nanoseconds since 1970. */
  public long now() {
    return clock.getAsLong();
  }

  /**
   * What the group uses now; null when it is gone.
   *
   * @param bornAt when it was made and had used nothing, nanoseconds since 1970
   */
  public @Nullable Sample sample(String group, long bornAt) {
    sweep();
    return groups.computeIfAbsent(group, _ -> new Group(bornAt)).sample(group);
  }

  /** Forgets the groups that nobody has asked for lately: those that are gone, too. */
  private void sweep() {
    long now = clock.getAsLong();
    long last = swept.get();
    if (now - last > LONGEST_WINDOW.toNanos() && swept.compareAndSet(last, now)) {
      groups.forEach((name, group) -> {
        if (group.isOlderThan(now - LONGEST_WINDOW.toNanos())) {
          forget(name);
        }
      });
    }
  }

  /** The record of a container has changed; null: there was, or is, none. */
  public void containerChanged(@Nullable Container before, @Nullable Container after) {
    if (before != null && (after == null || after.life().hasEnded())) {
      forget(before.limitedCgroup());
    }
  }

  /** The record of a pod has changed; null: there was, or is, none. */
  public void sandboxChanged(@Nullable Sandbox before, @Nullable Sandbox after) {
    if (before != null && (after == null || !after.mayRun())) {
      forget(before.cgroupParent());
    }
  }

  /** The group is gone, or soon will be: nothing of it is kept. */
  void forget(String group) {
    Group known = groups.remove(group);
    if (known != null) {
      known.close();
    }
  }

  /** Closes all files. */
  @Override
  public void close() {
    groups.keySet().forEach(this::forget);
  }

  private final class Group {
    private final ReentrantLock lock = new ReentrantLock();
    private final KeptFiles files = new KeptFiles();
    private final boolean stayOpen = kept.incrementAndGet() <= MOST_KEPT;
    private boolean closed;
    private long windowStart;
    private long usedAtStart;
    private OptionalLong nanoCores = OptionalLong.empty();
    private @Nullable Sample last;

    Group(long bornAt) {
      windowStart = bornAt;
    }

    boolean isOlderThan(long at) {
      lock.lock();
      try {
        return last == null || last.at() < at;
      } finally {
        lock.unlock();
      }
    }

    @Nullable Sample sample(String group) {
      lock.lock();
      try {
        Sample known = last;
        long age = known == null ? 0 : clock.getAsLong() - known.at();
        if (known != null && age >= 0 && age < FRESH.toNanos()) {
          return known;
        }
        GroupUsage usage = controllers.usage(group, files);
        last = usage == null ? null : sample(usage, clock.getAsLong());
        if (closed || !stayOpen || usage == null) {
          files.close();
        }
        return last;
      } finally {
        lock.unlock();
      }
    }

    void close() {
      lock.lock();
      try {
        closed = true;
        files.close();
      } finally {
        lock.unlock();
      }
      kept.decrementAndGet();
    }

    private Sample sample(GroupUsage usage, long now) {
      long window = now - windowStart;
      long used = usage.cpuNanos() - usedAtStart;
      if (window > LONGEST_WINDOW.toNanos() || window < 0 || used < 0) {
        nanoCores = OptionalLong.empty();
        begin(usage, now);
      } else if (window >= WINDOW.toNanos()) {
        nanoCores = OptionalLong.of(Math.round((double) used * SECOND / window));
        begin(usage, now);
      }
      return new Sample(usage, now, nanoCores);
    }

    private void begin(GroupUsage usage, long now) {
      windowStart = now;
      usedAtStart = usage.cpuNanos();
    }
  }
}
