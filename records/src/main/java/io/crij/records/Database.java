package io.crij.records;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The node's records: one SQLite file in WAL mode, one writer, one reader connection.
 *
 * <p>A write that returned survives a crash of the process. It survives a power cut only if it was
 * {@linkplain #writeDurable durable}.
 */
public final class Database implements AutoCloseable {
  /** Work on a connection inside a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Of SQLite's result codes: <https://sqlite.org/rescode.html>. */
  private static final int PRIMARY_CODE = 0xff;

  private static final int SQLITE_CONSTRAINT = 19;

  private final Path file;
  private final Connection writer;
  private final Connection reader;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();
  private final AtomicLong writes = new AtomicLong();
  private volatile String trouble = "";

  private Database(Path file, Connection writer, Connection reader) {
    this.file = file;
    this.writer = writer;
    this.reader = reader;
  }

  /**
   * Opens or creates the database and brings every schema to its newest version.
   *
   * @throws RecordsException also when the file was written by a newer version of CRI-J
   */
  public static Database open(Path file, List<Schema> schemas) {
    String path = file.toAbsolutePath().toString();
    String url = "jdbc:sqlite:" + path;
    try {
      createPrivate(file);
      Connection writer = new KeepingConnection(url, path);
      execute(writer, "PRAGMA journal_mode = WAL");
      execute(writer, "PRAGMA synchronous = NORMAL");
      execute(writer, "PRAGMA foreign_keys = ON");
      execute(writer, "PRAGMA busy_timeout = 10000");
      Connection reader = new KeepingConnection(url, path);
      execute(reader, "PRAGMA busy_timeout = 10000");
      execute(reader, "PRAGMA query_only = ON");
      Database database = new Database(file, writer, reader);
      database.writeDurable(connection -> migrate(connection, schemas));
      return database;
    } catch (IOException | SQLException e) {
      throw new RecordsException("open database " + file + ": " + e.getMessage(), e);
    }
  }

  /** Runs {@code work} on the reader connection; it sees one consistent state. */
  public <T> T read(Work<T> work) {
    reading.lock();
    try {
      return inTransaction(reader, "BEGIN", work);
    } finally {
      reading.unlock();
    }
  }

  /** How often was written: another number than before, once a write has returned. */
  long writes() {
    return writes.get();
  }

  /** What the disk said to the last write; empty when it took it, as far as is known. */
  public String trouble() {
    return trouble;
  }

  /** Runs {@code work} in one transaction that survives a crash of the process. */
  public <T> T write(Work<T> work) {
    writing.lock();
    try {
      return counted(work);
    } finally {
      writing.unlock();
    }
  }

  /** Runs {@code work} in one transaction that also survives a power cut. */
  public <T> T writeDurable(Work<T> work) {
    writing.lock();
    try {
      execute(writer, "PRAGMA synchronous = FULL");
      try {
        return counted(work);
      } finally {
        execute(writer, "PRAGMA synchronous = NORMAL");
      }
    } catch (SQLException e) {
      throw new RecordsException("database " + file + ": " + e.getMessage(), e);
    } finally {
      writing.unlock();
    }
  }

  /** Also one that failed counts: whether it was written is then not certain. */
  private <T> T counted(Work<T> work) {
    try {
      T result = inTransaction(writer, "BEGIN IMMEDIATE", work);
      trouble = "";
      return result;
    } catch (RecordsException e) {
      if (!wasRefused(e)) {
        trouble = String.valueOf(e.getMessage());
      }
      throw e;
    } finally {
      writes.incrementAndGet();
    }
  }

  /** For what it says, which is no fault of the disk's. */
  private static boolean wasRefused(RecordsException e) {
    return e.getCause() instanceof SQLException cause
        && (cause.getErrorCode() & PRIMARY_CODE) == SQLITE_CONSTRAINT;
  }

  @Override
  public void close() {
    writing.lock();
    reading.lock();
    try {
      reader.close();
      writer.close();
    } catch (SQLException e) {
      throw new RecordsException("close database " + file + ": " + e.getMessage(), e);
    } finally {
      reading.unlock();
      writing.unlock();
    }
  }

  /** SQLite gives its other files the mode of this one. */
  private static void createPrivate(Path file) throws IOException {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException _) {
      // An older one; its mode is its owner's choice.
    }
  }

  private <T> T inTransaction(Connection connection, String begin, Work<T> work) {
    try {
      executeKept(connection, begin);
      boolean done = false;
      try {
        T result = work.run(connection);
        executeKept(connection, "COMMIT");
        done = true;
        return result;
      } finally {
        if (!done) {
          rollback(connection);
        }
      }
    } catch (SQLException e) {
      throw new RecordsException("database " + file + ": " + e.getMessage(), e);
    }
  }

  /** SQLite may have done it itself, as when the disk is full: that failure is the one to tell. */
  private static void rollback(Connection connection) throws SQLException {
    try {
      execute(connection, "ROLLBACK");
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
        throw e;
      }
    }
  }

  private static boolean migrate(Connection connection, List<Schema> schemas) throws SQLException {
    execute(
        connection,
        "CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL)");
    for (Schema schema : schemas) {
      int version = version(connection, schema.name());
      if (version > schema.migrations().size()) {
        throw new SQLException(
            "tables of "
                + schema.name()
                + " have version "
                + version
                + ", this program knows up to "
                + schema.migrations().size());
      }
      for (String script : schema.migrations().subList(version, schema.migrations().size())) {
        try (Statement statement = connection.createStatement()) {
          statement.executeUpdate(script);
        }
      }
      try (PreparedStatement set =
          connection.prepareStatement("INSERT OR REPLACE INTO schema_versions VALUES (?, ?)")) {
        set.setString(1, schema.name());
        set.setInt(2, schema.migrations().size());
        set.executeUpdate();
      }
    }
    return true;
  }

  private static int version(Connection connection, String name) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT version FROM schema_versions WHERE name = ?")) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getInt(1) : 0;
      }
    }
  }

  private static void executeKept(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
    }
  }

  /** Also what SQLite does while it compiles it, as with some pragmas. */
  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
