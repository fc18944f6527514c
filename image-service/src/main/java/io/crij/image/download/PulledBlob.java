package io.crij.image.download;

import io.crij.image.ImageException;
import io.crij.image.compress.LayerBlob;
import io.crij.image.disk.DiskFailure;
import io.crij.image.manifest.Descriptor;
import io.crij.image.progress.LayerProgress;
import io.crij.image.registry.ImageSource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A blob of what is pulled, and another try when what came was something else. */
public final class PulledBlob implements LayerBlob {
  private final ImageSource source;
  private final Descriptor descriptor;
  private final BlobSupply supply;
  private final LayerProgress progress;
  private volatile @Nullable OpenBlob open;
  private volatile boolean wrong;

  /**
   * @param progress told how it comes
   */
  public PulledBlob(
      ImageSource source, Descriptor descriptor, BlobSupply supply, LayerProgress progress) {
    this.source = source;
    this.descriptor = descriptor;
    this.supply = supply;
    this.progress = progress;
  }

  @Override
  public OpenBlob open() {
    try {
      OpenBlob opened = supply.open(source, descriptor, progress);
      open = opened;
      return opened;
    } catch (IOException e) {
      throw DiskFailure.of("fetch " + descriptor.digest(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException.Unavailable("interrupted", e);
    }
  }

  @Override
  public void wasWrong() {
    wrong = true;
    OpenBlob opened = open;
    if (opened != null) {
      opened.discard();
    }
  }

  /** After a failure: whether wrong bytes were the reason, and may be right the next time. */
  public boolean canRetry() {
    OpenBlob failed = open;
    if (!wrong || failed == null) {
      return false;
    }
    wrong = false;
    progress.startOver();
    if (failed.isResumed()) {
      progress.retries("what came earlier was damaged");
      return true;
    }
    progress.retries("a host served other bytes than the digest's");
    return source.mistrust(descriptor);
  }
}
