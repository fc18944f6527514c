package io.crij.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DatabaseTest {
  private static final Schema FIRST =
      new Schema("pods", List.of("CREATE TABLE pods (id TEXT PRIMARY KEY)"));
  private static final Schema SECOND =
      new Schema(
          "pods",
          List.of(
              "CREATE TABLE pods (id TEXT PRIMARY KEY)", "ALTER TABLE pods ADD COLUMN name TEXT"));

  @TempDir Path folder;

  @Test
  void keepsRowsOverAMigration() {
    try (Database database = open(FIRST)) {
      database.write(c -> update(c, "INSERT INTO pods VALUES ('a')"));
    }
    try (Database database = open(SECOND)) {
      database.write(c -> update(c, "UPDATE pods SET name = 'n'"));
      String row = database.read(c -> text(c, "SELECT id || name FROM pods"));
      assertThat(row).isEqualTo("an");
    }
  }

  @Test
  void refusesTablesOfANewerVersion() {
    open(SECOND).close();
    assertThatThrownBy(() -> open(FIRST))
        .isInstanceOf(RecordsException.class)
        .hasMessageContaining("tables of pods have version 2");
  }

  @Test
  void undoesAFailedTransaction() {
    try (Database database = open(FIRST)) {
      assertThatThrownBy(() ->
              database.writeDurable(c -> {
                update(c, "INSERT INTO pods VALUES ('a')");
                throw new SQLException("no");
              }))
          .isInstanceOf(RecordsException.class);
      String rows = database.read(c -> text(c, "SELECT count(*) FROM pods"));
      assertThat(rows).isEqualTo("0");
    }
  }

  @Test
  void whatTheDiskSaidToTheLastWriteIsTold() {
    try (Database database = open(FIRST)) {
      String insert = "INSERT INTO pods VALUES (hex(randomblob(1000000)))";
      database.write(c -> text(c, "PRAGMA max_page_count = 100"));
      assertThat(database.trouble()).isEmpty();
      assertThatThrownBy(() -> database.write(c -> update(c, insert)))
          .isInstanceOf(RecordsException.class);
      assertThat(database.trouble()).contains(folder.toString(), "full");
      database.write(c -> text(c, "PRAGMA max_page_count = 10000"));
      database.write(c -> update(c, "INSERT INTO pods VALUES ('a')"));
      assertThat(database.trouble()).isEmpty();
      assertThatThrownBy(() -> database.write(c -> update(c, "INSERT INTO pods VALUES ('a')")))
          .hasMessageContaining("UNIQUE");
      assertThat(database.trouble()).as("no fault of the disk's").isEmpty();
    }
  }

  private Database open(Schema schema) {
    return Database.open(folder.resolve("crij.db"), List.of(schema));
  }

  private static int update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
