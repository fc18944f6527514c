package io.crij.monitor.cgroup;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.cgroup.CgroupFolder;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sees the kernel kill processes of a container for want of memory: {@code memory.events} of
 * version 2, which epoll tells of, and of the cgroup above; of version 1 an event of {@code
 * memory.oom_control}. On the loop's thread.
 */
public final class OomWatch implements AutoCloseable {
  private static final String COUNTER = "oom_kill ";
  private static final int EVENT_BYTES = 4096;

  /** Version 1 tells when memory is short, a moment before it kills. */
  private static final List<Duration> LOOKS =
      List.of(
          Duration.ofMillis(1),
          Duration.ofMillis(10),
          Duration.ofMillis(50),
          Duration.ofMillis(250),
          Duration.ofSeconds(1));

  private final EventLoop loop;
  private final LongConsumer onKills;
  private final @Nullable Path file;
  private final @Nullable KillsAbove above;
  private @Nullable Fd fd;
  private @Nullable Shortages shortages;
  private @Nullable Watch watch;
  private @Nullable Timer nextLook;
  private long kills;

  private OomWatch(
      @Nullable Path file, @Nullable KillsAbove above, EventLoop loop, LongConsumer onKills) {
    this.file = file;
    this.above = above;
    this.loop = loop;
    this.onKills = onKills;
  }

  /**
   * Begins to watch; without effect where the node does not count a cgroup's memory.
   *
   * @param cgroupPath below the mount point; empty if unknown
   * @param onKills told how many kills there were, when there are more than at the beginning
   */
  public static OomWatch open(String cgroupPath, EventLoop loop, LongConsumer onKills) {
    return open(file(cgroupPath), CgroupFolder.isUnified(), loop, onKills);
  }

  static OomWatch open(
      @Nullable Path file, boolean isUnified, EventLoop loop, LongConsumer onKills) {
    KillsAbove above = isUnified && file != null ? KillsAbove.find(file) : null;
    OomWatch watch = new OomWatch(file, above, loop, onKills);
    watch.kills = watch.count();
    try {
      watch.begin(isUnified);
    } catch (LinuxException | IOException _) {
      // The cgroup went away with its container: what was counted is looked at once more at its
      // end.
      watch.close();
    }
    return watch;
  }

  private static @Nullable Path file(String cgroupPath) {
    String relative = cgroupPath.startsWith("/") ? cgroupPath.substring(1) : cgroupPath;
    if (relative.isEmpty()) {
      return null;
    }
    Path folder =
        CgroupFolder.isUnified() ? CgroupFolder.ROOT : CgroupFolder.ROOT.resolve("memory");
    String name = CgroupFolder.isUnified() ? "memory.events" : "memory.oom_control";
    Path file = folder.resolve(relative).resolve(name);
    return Files.exists(file) ? file : null;
  }

  private void begin(boolean isUnified) throws IOException {
    Path counted = file;
    if (counted == null) {
      return;
    }
    if (isUnified) {
      fd = Fd.open(counted.toString(), Fd.O_RDONLY, 0);
      watch = loop.watch(fd, Epoll.PRI | Epoll.EDGE, _ -> changed());
      if (above != null) {
        above.watch(loop, this::check);
      }
      return;
    }
    Fd counter = Descriptors.eventCounter();
    fd = counter;
    try (Fd control = Fd.open(counted.toString(), Fd.O_RDONLY, 0)) {
      Files.writeString(
          counted.resolveSibling("cgroup.event_control"),
          counter.number() + " " + control.number(),
          StandardCharsets.US_ASCII);
    }
    Shortages heard = new Shortages(counter);
    shortages = heard;
    watch =
        loop.watch(
            counter,
            Epoll.IN | Epoll.EDGE,
            _ -> {
              heard.heard(Files.exists(counted));
              look(0);
            });
  }

  private void changed() {
    Fd events = fd;
    if (events != null) {
      rearm(events);
    }
    check();
  }

  /** Only what was read through this descriptor is told of again. */
  static void rearm(Fd events) {
    Descriptors.readAt(events, 0, NativeBuffer.allocate(EVENT_BYTES), EVENT_BYTES);
  }

  private void look(int number) {
    if (nextLook != null) {
      nextLook.cancel();
      nextLook = null;
    }
    if (watch == null || check()) {
      return;
    }
    if (number < LOOKS.size()) {
      nextLook = loop.after(LOOKS.get(number), () -> look(number + 1));
    } else if (shortages != null) {
      shortages.settle();
    }
  }

  /** Counts now, and tells; true if there were more. */
  private boolean check() {
    long now = count();
    if (now <= kills) {
      return false;
    }
    kills = now;
    onKills.accept(now);
    return true;
  }

  /** Whether there were any up to now, of which all are told. */
  public boolean sawKills() {
    check();
    return kills > 0;
  }

  private long count() {
    if (file == null) {
      return 0;
    }
    try {
      long before = above == null ? 0 : above.count();
      long own = kills(file);
      if (above != null) {
        above.settle(before);
      }
      return own;
    } catch (IOException _) {
      return countOfTheGone();
    }
  }

  /**
   * The counter of kills.
   *
   * @throws IOException when the cgroup is gone
   */
  static long kills(Path file) throws IOException {
    return Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
        .filter(line -> line.startsWith(COUNTER))
        .mapToLong(line -> Long.parseLong(line.substring(COUNTER.length()).trim()))
        .sum();
  }

  private long countOfTheGone() {
    boolean wasShort = fd != null && shortages != null && shortages.endedIt();
    boolean isCountedAbove = above != null && above.grew();
    return kills == 0 && (wasShort || isCountedAbove) ? 1 : kills;
  }

  /** Ends the watching; the count stays. */
  @Override
  public void close() {
    if (nextLook != null) {
      nextLook.cancel();
      nextLook = null;
    }
    if (above != null) {
      above.close();
    }
    if (watch != null) {
      watch.close();
      watch = null;
    }
    if (fd != null) {
      fd.close();
      fd = null;
    }
  }
}
