package io.crij.runtime.container.records;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.LinuxContainerUser;
import io.crij.linux.process.ProcessId;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of containers. */
final class ContainerRows {
  static final List<String> MIGRATIONS =
      List.of(
          """
          CREATE TABLE containers (
            id TEXT PRIMARY KEY,
            sandbox_id TEXT NOT NULL,
            config BLOB NOT NULL,
            image TEXT NOT NULL,
            image_ref TEXT NOT NULL,
            image_name TEXT NOT NULL,
            handler TEXT NOT NULL,
            cgroup_path TEXT NOT NULL,
            log_path TEXT NOT NULL,
            stop_signal INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER NOT NULL,
            exit_code INTEGER NOT NULL,
            oom_killed INTEGER NOT NULL,
            reason TEXT NOT NULL,
            message TEXT NOT NULL,
            pid INTEGER NOT NULL,
            start_time_ticks INTEGER NOT NULL,
            user BLOB NOT NULL
          ) WITHOUT ROWID
          """,
          "ALTER TABLE containers ADD COLUMN cgroup_below TEXT NOT NULL DEFAULT ''");

  private static final String INSERT =
      "INSERT INTO containers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String UPDATE =
      "UPDATE containers SET created_at = ?, started_at = ?, finished_at = ?, exit_code = ?, "
          + "oom_killed = ?, reason = ?, message = ?, pid = ?, start_time_ticks = ?, user = ?, cgroup_below = ? WHERE id = ?";
  private static final int LIFE = 12;
  private static final int LIFE_COLUMNS = 11;

  private ContainerRows() {}

  static int insert(Connection connection, Container container) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, container.id());
      insert.setString(2, container.sandboxId());
      insert.setBytes(3, container.config().toByteArray());
      insert.setString(4, container.image());
      insert.setString(5, container.imageRef());
      insert.setString(6, container.imageName());
      insert.setString(7, container.runtime());
      insert.setString(8, container.cgroupPath());
      insert.setString(9, container.logPath());
      insert.setInt(10, container.stopSignal());
      insert.setString(11, container.bootId());
      setLife(insert, LIFE, container.life());
      return insert.executeUpdate();
    }
  }

  static int update(Connection connection, String id, Lifecycle life) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
      setLife(update, 1, life);
      update.setString(1 + LIFE_COLUMNS, id);
      return update.executeUpdate();
    }
  }

  static int update(Connection connection, String id, ContainerConfig config) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE containers SET config = ? WHERE id = ?")) {
      update.setBytes(1, config.toByteArray());
      update.setString(2, id);
      return update.executeUpdate();
    }
  }

  static int delete(Connection connection, String id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM containers WHERE id = ?")) {
      delete.setString(1, id);
      return delete.executeUpdate();
    }
  }

  private static void setLife(PreparedStatement statement, int first, Lifecycle life)
      throws SQLException {
    ProcessId process = life.process();
    statement.setLong(first, life.createdAt());
    statement.setLong(first + 1, life.startedAt());
    statement.setLong(first + 2, life.finishedAt());
    statement.setInt(first + 3, life.exitCode());
    statement.setBoolean(first + 4, life.oomKilled());
    statement.setString(first + 5, life.reason());
    statement.setString(first + 6, life.message());
    statement.setInt(first + 7, process == null ? 0 : process.pid());
    statement.setLong(first + 8, process == null ? 0 : process.startTimeTicks());
    statement.setBytes(first + 9, user(life.user()));
    statement.setString(first + 10, life.cgroupBelow());
  }

  /**
   * Reads the row.
   *
   * @throws IllegalArgumentException when its id is none
   */
  static Container read(ResultSet row, Path runroot)
      throws SQLException, InvalidProtocolBufferException {
    return new Container(
        row.getString("id"),
        row.getString("sandbox_id"),
        ContainerConfig.parseFrom(row.getBytes("config")),
        row.getString("image"),
        row.getString("image_ref"),
        row.getString("image_name"),
        row.getString("handler"),
        row.getString("cgroup_path"),
        row.getString("log_path"),
        row.getInt("stop_signal"),
        row.getString("boot_id"),
        ContainerFolder.of(runroot, row.getString("id")),
        life(row));
  }

  private static Lifecycle life(ResultSet row) throws SQLException, InvalidProtocolBufferException {
    int pid = row.getInt("pid");
    return new Lifecycle(
        row.getLong("created_at"),
        row.getLong("started_at"),
        row.getLong("finished_at"),
        row.getInt("exit_code"),
        row.getBoolean("oom_killed"),
        row.getString("reason"),
        row.getString("message"),
        pid == 0 ? null : new ProcessId(pid, row.getLong("start_time_ticks")),
        user(row.getBytes("user")),
        row.getString("cgroup_below"));
  }

  // Nobody is written as no bytes: whoever is looked up has at least his group.
  private static byte[] user(@Nullable ContainerIdentity user) {
    return user == null
        ? new byte[0]
        : LinuxContainerUser.newBuilder()
            .setUid(user.uid())
            .setGid(user.gid())
            .addAllSupplementalGroups(user.groups())
            .build()
            .toByteArray();
  }

  private static @Nullable ContainerIdentity user(byte[] bytes)
      throws InvalidProtocolBufferException {
    if (bytes.length == 0) {
      return null;
    }
    LinuxContainerUser user = LinuxContainerUser.parseFrom(bytes);
    return new ContainerIdentity(user.getUid(), user.getGid(), user.getSupplementalGroupsList());
  }
}
