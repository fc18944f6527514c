package io.crij.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RememberedTest {
  @TempDir Path folder;
  private final AtomicInteger queries = new AtomicInteger();
  private Database database;
  private Remembered<Integer> pods;

  @BeforeEach
  void open() {
    Schema schema = new Schema("pods", List.of("CREATE TABLE pods (id TEXT PRIMARY KEY)"));
    database = Database.open(folder.resolve("records.db"), List.of(schema));
    pods = new Remembered<>(database, this::count);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private int count(Connection connection) throws SQLException {
    queries.incrementAndGet();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM pods")) {
      return row.getInt(1);
    }
  }

  private static boolean insert(Connection connection, String id) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate("INSERT INTO pods VALUES ('" + id + "')") == 1;
    }
  }

  @Test
  void asksOnceWhileNothingIsWritten() {
    assertThat(pods.get()).isZero();
    assertThat(pods.get()).isZero();
    assertThat(queries).hasValue(1);
  }

  @Test
  void seesEveryWriteThatReturned() {
    assertThat(pods.get()).isZero();
    database.write(c -> insert(c, "a"));
    assertThat(pods.get()).isEqualTo(1);
    database.writeDurable(c -> insert(c, "b"));
    assertThat(pods.get()).isEqualTo(2);
  }

  @Test
  void seesWhatWasWrittenWhileItAsked() {
    Remembered<Integer> slow =
        new Remembered<>(
            database,
            c -> {
              int found = count(c);
              if (queries.get() == 1) {
                database.write(writer -> insert(writer, "a"));
              }
              return found;
            });
    assertThat(slow.get()).isZero();
    assertThat(slow.get()).isEqualTo(1);
  }

  @Test
  void aFailedQueryIsAskedAgain() {
    Remembered<Integer> failing =
        new Remembered<>(
            database,
            c -> {
              if (queries.incrementAndGet() == 1) {
                throw new SQLException("no");
              }
              return count(c);
            });
    assertThatThrownBy(failing::get).isInstanceOf(RecordsException.class);
    assertThat(failing.get()).isZero();
  }
}
