package io.crij.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeepingConnectionTest {
  private static final String INSERT = "INSERT INTO pods VALUES (?, ?)";
  private static final String SELECT = "SELECT id FROM pods WHERE id >= ? ORDER BY id";

  @TempDir Path folder;
  private KeepingConnection connection;

  @BeforeEach
  void open() throws SQLException {
    String file = folder.resolve("crij.db").toString();
    connection = new KeepingConnection("jdbc:sqlite:" + file, file);
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE pods (id TEXT PRIMARY KEY, name TEXT)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void aClosedStatementIsUsedAgain() throws SQLException {
    PreparedStatement first = connection.prepareStatement(SELECT);
    first.close();
    try (PreparedStatement second = connection.prepareStatement(SELECT)) {
      assertThat(second).isSameAs(first);
    }
  }

  @Test
  void nothingOfAnEarlierUseIsLeft() throws SQLException {
    insert("a", "first");
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, "b");
      insert.executeUpdate();
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT name FROM pods WHERE id = 'b'")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1)).isNull();
    }
  }

  @Test
  void aStatementInUseIsNotGivenToAnother() throws SQLException {
    insert("a", "");
    insert("b", "");
    assertThat(first("a")).as("so that one is kept").isEqualTo("a");
    try (PreparedStatement outer = connection.prepareStatement(SELECT)) {
      outer.setString(1, "a");
      try (ResultSet outerRow = outer.executeQuery()) {
        assertThat(outerRow.next()).isTrue();
        assertThat(first("b")).isEqualTo("b");
        assertThat(outerRow.next()).isTrue();
        assertThat(outerRow.getString(1)).isEqualTo("b");
      }
    }
  }

  @Test
  void oneThatFailedOrWasLeftHalfWayWorksAgain() throws SQLException {
    insert("a", "");
    assertThatThrownBy(() -> insert("a", "")).hasMessageContaining("UNIQUE");
    insert("b", "");
    assertThat(first("b")).isEqualTo("b");
    try (PreparedStatement query = connection.prepareStatement(SELECT)) {
      query.setString(1, "a");
      assertThat(query.executeQuery().next()).as("of two").isTrue();
    }
    try (Statement statement = connection.createStatement()) {
      // Refused while a statement that reads the table is under way.
      statement.executeUpdate("DROP TABLE pods");
    }
  }

  @Test
  void oneThatWasMadeBeforeATableChangedSeesTheChange() throws SQLException {
    assertThat(first("")).isEmpty();
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("DROP TABLE pods");
      statement.executeUpdate("CREATE TABLE pods (other TEXT, id TEXT)");
    }
    insert("x", "b");
    assertThat(first("a")).isEqualTo("b");
  }

  @Test
  void onlySoManyAreKept() throws SQLException {
    PreparedStatement first = connection.prepareStatement(SELECT);
    first.close();
    for (int i = 0; i < 1000; i++) {
      connection.prepareStatement("SELECT " + i).close();
    }
    assertThat(first.isClosed()).isTrue();
    assertThat(first("")).isEmpty();
  }

  private void insert(String id, String name) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, id);
      insert.setString(2, name);
      insert.executeUpdate();
    }
  }

  private String first(String from) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(SELECT)) {
      query.setString(1, from);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getString(1) : "";
      }
    }
  }
}
