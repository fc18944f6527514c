package io.crij.image.download;

import io.crij.image.manifest.Descriptor;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.Stage;
import io.crij.image.registry.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A blob whose bytes go to the reader as they come. */
final class PassedBlob extends OpenBlob {
  private final InputStream in;
  private final LayerProgress progress;
  private final Runnable end;

  private PassedBlob(InputStream in, LayerProgress progress, Runnable end) {
    this.in = in;
    this.progress = progress;
    this.end = end;
    progress.enter(Stage.DOWNLOADING);
  }

  /**
   * Asks for it.
   *
   * @param end run once it is closed; not if this fails
   */
  static PassedBlob open(
      ImageSource source, Descriptor blob, LayerProgress progress, Runnable end) {
    return new PassedBlob(source.blob(blob, 0, blob.size(), progress::retries), progress, end);
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int n = in.read(target, offset, count);
    if (n > 0) {
      progress.downloaded(n);
    } else if (n < 0) {
      progress.enter(Stage.UNPACKING);
    }
    return n;
  }

  @Override
  public boolean isResumed() {
    return false;
  }

  @Override
  public void discard() {
    // Nothing is kept.
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      end.run();
    }
  }
}
