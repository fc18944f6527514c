package io.crij.records;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Properties;
import java.util.SequencedMap;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

/**
 * A connection that keeps the statements it has prepared: for SQLite, compiling one takes longer
 * than running it. For one thread at a time.
 */
final class KeepingConnection extends JDBC4Connection {
  /** More than there are; those with lists of arguments would be without bound. */
  private static final int MOST = 64;

  /** By their texts, the one that was used last at the end. */
  private final SequencedMap<String, Kept> idle = new LinkedHashMap<>();

  KeepingConnection(String url, String file) throws SQLException {
    super(url, file, new Properties());
  }

  @Override
  public PreparedStatement prepareStatement(String sql) throws SQLException {
    Kept kept = idle.remove(sql);
    return kept == null ? new Kept(this, sql) : kept;
  }

  private void takeBack(Kept statement) throws SQLException {
    Kept other = idle.putLast(statement.text, statement);
    if (other != null && other != statement) {
      // Both were in use at the same time.
      other.end();
    }
    if (idle.size() > MOST) {
      idle.pollFirstEntry().getValue().end();
    }
  }

  /** A statement whose user gives it back by closing it. */
  private static final class Kept extends JDBC4PreparedStatement {
    private final KeepingConnection connection;
    private final String text;

    Kept(KeepingConnection connection, String text) throws SQLException {
      super(connection, text);
      this.connection = connection;
      this.text = text;
    }

    @Override
    public void close() throws SQLException {
      rs.close();
      clearParameters();
      connection.takeBack(this);
    }

    private void end() throws SQLException {
      super.close();
    }
  }
}
