package io.crij.e2e.kubernetes;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What was begun and is to be closed, the latest first. */
final class Begun implements AutoCloseable {
  /** Something that ends what it began. */
  @FunctionalInterface
  interface Part extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  private final Deque<Part> parts = new ArrayDeque<>();

  void add(Part part) {
    parts.push(part);
  }

  /** Closes all, also when some fail, and then throws the first failure with the others in it. */
  @Override
  public void close() throws IOException {
    Throwable failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (IOException | RuntimeException | AssertionError e) {
        failure = joined(failure, e);
      }
    }
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  private static Throwable joined(@Nullable Throwable first, Throwable next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}
