package io.crij.image.download;

import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A blob whose bytes go to the reader as they come. */
final class PassedBlob extends OpenBlob {
  private final InputStream in;
  private final LayerProgress progress;
  private final Runnable end;

  PassedBlob(InputStream in, LayerProgress progress, Runnable end) {
    this.in = in;
    this.progress = progress;
    this.end = end;
    progress.enter(Stage.DOWNLOADING);
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
