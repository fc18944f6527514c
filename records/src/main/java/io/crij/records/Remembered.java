package io.crij.records;

import io.crij.records.Database.Work;
import org.jspecify.annotations.Nullable;

/**
 * What a query found, kept until the database is written to: for questions that are asked again and
 * again.
 *
 * @param <T> never changes
 */
public final class Remembered<T> {
  private record Answer<T>(long writes, T value) {}

  private final Database database;
  private final Work<T> query;
  private volatile @Nullable Answer<T> last;

  public Remembered(Database database, Work<T> query) {
    this.database = database;
    this.query = query;
  }

  /** What the query finds; every write that has returned is seen. */
  public T get() {
    // Before the query: what is written meanwhile makes the answer old at once.
    long writes = database.writes();
    Answer<T> known = last;
    if (known != null && known.writes() == writes) {
      return known.value();
    }
    T value = database.read(query);
    last = new Answer<>(writes, value);
    return value;
  }
}
