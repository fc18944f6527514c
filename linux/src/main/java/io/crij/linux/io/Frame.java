package io.crij.linux.io;

import io.crij.linux.Fd;
import java.util.List;

/**
 * A message with the descriptors that came with it, which the receiver owns. The array is not
 * copied.
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record Frame(byte[] bytes, List<Fd> descriptors) implements AutoCloseable {
  public Frame {
    descriptors = List.copyOf(descriptors);
  }

  /** Closes those descriptors that nobody has taken over with {@link Fd#release}. */
  @Override
  public void close() {
    descriptors.forEach(Fd::close);
  }
}
