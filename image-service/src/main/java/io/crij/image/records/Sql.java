package io.crij.image.records;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statements with their arguments. */
final class Sql {
  /** Milliseconds since 1970. */
  static final String NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

  /** Makes a value of the current row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private Sql() {}

  static int update(Connection connection, String sql, Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, arguments)) {
      return statement.executeUpdate();
    }
  }

  static <T> List<T> list(Connection connection, String sql, Row<T> reader, Object... arguments)
      throws SQLException {
    List<T> values = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, sql, arguments);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        values.add(reader.read(row));
      }
    }
    return values;
  }

  /** The first of what a query found. */
  static <T> @Nullable T first(List<T> values) {
    return values.isEmpty() ? null : values.getFirst();
  }

  /** What group_concat() joined; empty for none. */
  static List<String> strings(ResultSet row, String column) throws SQLException {
    String joined = row.getString(column);
    return joined == null ? List.of() : List.of(joined.split(","));
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... arguments)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
    return statement;
  }
}
