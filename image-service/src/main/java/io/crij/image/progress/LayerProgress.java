package io.crij.image.progress;

import io.crij.image.work.Priority;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a layer that a pull wants stands, and how urgent it is. Safe for use by many threads. Of a
 * layer that another pull has begun to make, what is told is that pull's.
 */
public final class LayerProgress {
  private final Supplier<Priority> priority;
  private final AtomicLong downloadedBytes = new AtomicLong();
  private final AtomicLong foundBytes = new AtomicLong();
  private final AtomicLong receivedBytes = new AtomicLong();
  private final AtomicLong unpackedBytes = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private volatile Stage stage = Stage.WAITING;
  private volatile String trouble = "";
  private volatile @Nullable LayerProgress leader;

  public LayerProgress(Supplier<Priority> priority) {
    this.priority = priority;
  }

  /** That of a layer nobody waits for in particular. */
  public LayerProgress() {
    this(() -> Priority.NORMAL);
  }

  public Priority priority() {
    return priority.get();
  }

  /** From now on tells what {@code other} does; itself, for its own again. */
  public void follow(LayerProgress other) {
    leader = other == this ? null : other;
  }

  public void enter(Stage next) {
    stage = next;
    if (next != Stage.RETRYING) {
      trouble = "";
    }
  }

  /** A host failed; what it is and why. */
  public void retries(String reason) {
    trouble = reason;
    stage = Stage.RETRYING;
    retries.incrementAndGet();
  }

  /** So many more bytes came, as they are compressed. */
  public void downloaded(long count) {
    receivedBytes.addAndGet(count);
    downloadedBytes.addAndGet(count);
    if (stage == Stage.WAITING || stage == Stage.RETRYING) {
      enter(Stage.DOWNLOADING);
    }
  }

  /** So many bytes came with an earlier pull. */
  public void found(long count) {
    foundBytes.addAndGet(count);
    downloadedBytes.addAndGet(count);
  }

  /** Nothing of what came or was found is any good. */
  public void startOver() {
    downloadedBytes.set(0);
    foundBytes.set(0);
  }

  /** So many more bytes of the archive were unpacked. */
  public void unpacked(long count) {
    unpackedBytes.addAndGet(count);
  }

  public Stage stage() {
    LayerProgress other = leader;
    return other == null ? stage : other.stage;
  }

  /** Why a host is asked again; empty unless the stage is {@link Stage#RETRYING}. */
  public String trouble() {
    LayerProgress other = leader;
    return other == null ? trouble : other.trouble;
  }

  public long downloadedBytes() {
    LayerProgress other = leader;
    return (other == null ? this : other).downloadedBytes.get();
  }

  /** What of {@link #downloadedBytes} an earlier pull had left. */
  public long foundBytes() {
    LayerProgress other = leader;
    return (other == null ? this : other).foundBytes.get();
  }

  /** What came from a registry for this pull itself, whomever it follows; never falls. */
  public long receivedBytes() {
    return receivedBytes.get();
  }

  /** How often a host failed this pull itself. */
  public long retries() {
    return retries.get();
  }

  public long unpackedBytes() {
    LayerProgress other = leader;
    return (other == null ? this : other).unpackedBytes.get();
  }
}
