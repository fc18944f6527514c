package io.crij.image.changeset;

import io.crij.image.ImageException;
import java.io.IOException;
import java.nio.file.FileStore;

/** How much one layer may take, counted as it comes. */
public final class UnpackBudget {
  private static final long CHECK_BYTES = 64L << 20;

  private final UnpackLimits limits;
  private final FileStore disk;
  private long bytes;
  private long entries;
  private long checkedAt;

  public UnpackBudget(UnpackLimits limits, FileStore disk) throws IOException {
    this.limits = limits;
    this.disk = disk;
    checkDisk();
  }

  /** The same budget, of which nothing has been used, to read the archive again. */
  public UnpackBudget again() throws IOException {
    return new UnpackBudget(limits, disk);
  }

  /** One more entry. */
  public void entry() {
    entries++;
    if (entries > limits.mostEntries()) {
      throw new ImageException.ResourceExhausted(
          "layer has more than " + limits.mostEntries() + " entries");
    }
  }

  /** So many folders are remembered. */
  public void folders(int count) {
    if (count > limits.mostFolders()) {
      throw new ImageException.ResourceExhausted(
          "layer has more than " + limits.mostFolders() + " folders");
    }
  }

  /**
   * Counts bytes of the archive.
   *
   * @param count more of them
   * @param compressed how many bytes all of them came from
   */
  public void bytes(int count, long compressed) throws IOException {
    bytes += count;
    if (bytes > limits.mostBytes()) {
      throw new ImageException.ResourceExhausted(
          "layer is larger than " + limits.mostBytes() + " bytes");
    }
    if (bytes > limits.ratioFreeBytes() && bytes / limits.mostRatio() > compressed) {
      throw new ImageException.ResourceExhausted(
          "layer inflates to more than " + limits.mostRatio() + " times its size");
    }
    if (bytes - checkedAt >= CHECK_BYTES) {
      checkedAt = bytes;
      checkDisk();
    }
  }

  public long total() {
    return bytes;
  }

  private void checkDisk() throws IOException {
    if (disk.getUsableSpace() < limits.reservedBytes()) {
      throw new ImageException.ResourceExhausted(
          "less than " + limits.reservedBytes() + " bytes are free on " + disk);
    }
  }
}
