package io.crij.image.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A blob that is being read. What has come of it, and may be kept, may turn out to be wrong. */
public abstract class OpenBlob extends InputStream {
  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public abstract int read(byte[] target, int offset, int count) throws IOException;

  /** Whether some of it came earlier, from who knows whom. */
  public abstract boolean isResumed();

  /**
   * The file that has all of it once all was read, and may be moved away; null if there is none.
   */
  public abstract @Nullable Path file();

  /** None of what came is used again. */
  public abstract void discard();

  @Override
  public abstract void close();
}
