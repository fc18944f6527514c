package io.crij.image.progress;

import io.crij.image.name.Digest;
import io.crij.image.work.Priority;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where one pull stands, and how urgent it is for the most urgent of those who wait for it. */
public final class PullProgress {
  private volatile Priority priority = Priority.PREFETCH;
  private volatile List<Layer> layers = List.of();
  private final AtomicBoolean claimed = new AtomicBoolean();

  /** A layer as the manifest names it. */
  public record Layer(Digest digest, long sizeBytes, LayerProgress progress) {
    boolean isOver() {
      return switch (progress.stage()) {
        case DONE, EXISTS -> true;
        case WAITING, DOWNLOADING, RETRYING, UNPACKING -> false;
      };
    }

    /** What of its compressed bytes came or need not come. */
    long hereBytes() {
      return isOver() ? sizeBytes : Math.min(sizeBytes, progress.downloadedBytes());
    }
  }

  /** Somebody waits for it who is as urgent as that. */
  public synchronized void raise(Priority urgent) {
    if (urgent.compareTo(priority) > 0) {
      priority = urgent;
    }
  }

  public Priority priority() {
    return priority;
  }

  /** Makes it that of the pull that begins; false if it is another's already. */
  public boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** Whether it is a pull's that began. */
  public boolean isClaimed() {
    return claimed.get();
  }

  /** The manifest is here. */
  public void begin(List<Layer> found) {
    layers = List.copyOf(found);
  }

  /** Lowest first; none before the manifest is here. */
  public List<Layer> layers() {
    return layers;
  }

  public long totalBytes() {
    return layers.stream().mapToLong(Layer::sizeBytes).sum();
  }

  public long hereBytes() {
    return layers.stream().mapToLong(Layer::hereBytes).sum();
  }

  public int layersOver() {
    return (int) layers.stream().filter(Layer::isOver).count();
  }

  /**
   * What came from registries for this pull, bytes that had to come twice included; never falls.
   */
  public long receivedBytes() {
    return layers.stream().mapToLong(layer -> layer.progress.receivedBytes()).sum();
  }

  /** How often a host failed this pull, and it or another one was asked again; never falls. */
  public long retries() {
    return layers.stream().mapToLong(layer -> layer.progress.retries()).sum();
  }

  /** How many of its layers stand there. */
  public long layersAt(Stage stage) {
    return layers.stream().filter(layer -> layer.progress.stage() == stage).count();
  }

  /** Whether a layer is on its way; if not, the pull waits for its turn or for a document. */
  public boolean isMoving() {
    return layers.stream()
        .anyMatch(layer -> !layer.isOver() && layer.progress.stage() != Stage.WAITING);
  }

  /** A number that changes with every byte that is fetched or unpacked, and every layer done. */
  public long position() {
    long position = layersOver();
    for (Layer layer : layers) {
      position += layer.progress.downloadedBytes() + layer.progress.unpackedBytes();
    }
    return position;
  }
}
