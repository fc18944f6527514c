package io.crij.runtime.sandbox;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.linux.namespace.NamespaceType;
import io.crij.records.Database;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.Ids;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of the sandboxes: in the database, and as snapshots in memory, from which everything
 * is read. A change is in the database before it is seen.
 */
public final class SandboxStore {
  /** The tables, one statement each, for {@link io.crij.records.Schema}. */
  public static final List<String> MIGRATIONS =
      List.of(
          """
          CREATE TABLE sandboxes (
            id TEXT PRIMARY KEY,
            config BLOB NOT NULL,
            runtime_handler TEXT NOT NULL,
            cgroup_parent TEXT NOT NULL,
            hostname TEXT NOT NULL,
            namespaces TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            state TEXT NOT NULL
          ) WITHOUT ROWID
          """);

  private static final Logger log = LoggerFactory.getLogger(SandboxStore.class);
  private static final long NANOS = 1_000_000_000L;

  private final Database database;
  private final Path runroot;
  private final Map<String, Sandbox> sandboxes = new ConcurrentHashMap<>();

  private SandboxStore(Database database, Path runroot) {
    this.database = database;
    this.runroot = runroot;
  }

  /**
   * Reads the records. One that cannot be read is logged and set aside, and never stops the start.
   */
  public static SandboxStore open(Database database, Path runroot) {
    SandboxStore store = new SandboxStore(database, runroot);
    database.read(connection -> {
      try (PreparedStatement query = connection.prepareStatement("SELECT * FROM sandboxes");
          ResultSet row = query.executeQuery()) {
        while (row.next()) {
          store.load(row);
        }
      }
      return true;
    });
    return store;
  }

  private void load(ResultSet row) throws SQLException {
    String id = row.getString("id");
    try {
      sandboxes.put(id, read(id, row));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      log.error("sandbox {}: its record cannot be read and is set aside: {}", id, e.getMessage());
    }
  }

  private Sandbox read(String id, ResultSet row)
      throws SQLException, InvalidProtocolBufferException {
    long createdAt = row.getLong("created_at");
    return new Sandbox(
        id,
        PodSandboxConfig.parseFrom(row.getBytes("config")),
        row.getString("runtime_handler"),
        row.getString("cgroup_parent"),
        row.getString("hostname"),
        namespaces(row.getString("namespaces")),
        SandboxFolder.of(runroot, id),
        Instant.ofEpochSecond(createdAt / NANOS, createdAt % NANOS),
        row.getString("boot_id"),
        SandboxState.valueOf(row.getString("state")));
  }

  private static Set<NamespaceType> namespaces(String names) {
    Set<NamespaceType> types = EnumSet.noneOf(NamespaceType.class);
    for (String name : names.split(" ", -1)) {
      if (!name.isEmpty()) {
        types.add(NamespaceType.valueOf(name));
      }
    }
    return types;
  }

  /**
   * The sandbox with this id, or the only one whose id begins so; null when there is none.
   *
   * @throws ServiceException.InvalidArgument when several ids begin so
   */
  public @Nullable Sandbox find(String id) {
    return Ids.find(sandboxes, id, "pod sandboxes");
  }

  /**
   * As {@link #find}.
   *
   * @throws ServiceException.NotFound when there is none
   */
  public Sandbox get(String id) {
    Sandbox sandbox = find(id);
    if (sandbox == null) {
      throw unknown(id);
    }
    return sandbox;
  }

  /** All sandboxes of this instant, those being made included, in no order. */
  public Collection<Sandbox> all() {
    return List.copyOf(sandboxes.values());
  }

  /** Records a new sandbox. */
  public void create(Sandbox sandbox) {
    database.write(connection -> {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO sandboxes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
        Instant createdAt = sandbox.createdAt();
        insert.setString(1, sandbox.id());
        insert.setBytes(2, sandbox.config().toByteArray());
        insert.setString(3, sandbox.runtimeHandler());
        insert.setString(4, sandbox.cgroupParent());
        insert.setString(5, sandbox.hostname());
        insert.setString(
            6, sandbox.namespaces().stream().map(Enum::name).collect(Collectors.joining(" ")));
        insert.setLong(7, createdAt.getEpochSecond() * NANOS + createdAt.getNano());
        insert.setString(8, sandbox.bootId());
        insert.setString(9, sandbox.state().name());
        return insert.executeUpdate();
      }
    });
    sandboxes.put(sandbox.id(), sandbox);
  }

  /**
   * Replaces the state.
   *
   * @throws ServiceException.NotFound when the sandbox was removed
   */
  public Sandbox setState(String id, SandboxState state) {
    Sandbox changed = change(id, _ -> state);
    if (changed == null) {
      throw unknown(id);
    }
    return changed;
  }

  /** Notes that what holds a namespace of the sandbox has ended, if the sandbox is ready. */
  public void breakReady(String id) {
    Sandbox _ = change(id, sandbox -> sandbox.isReady() ? SandboxState.BROKEN : sandbox.state());
  }

  private @Nullable Sandbox change(String id, Function<Sandbox, SandboxState> choice) {
    return sandboxes.computeIfPresent(
        id,
        (_, sandbox) -> {
          SandboxState state = choice.apply(sandbox);
          database.write(connection -> {
            try (PreparedStatement update =
                connection.prepareStatement("UPDATE sandboxes SET state = ? WHERE id = ?")) {
              update.setString(1, state.name());
              update.setString(2, id);
              return update.executeUpdate();
            }
          });
          return sandbox.withState(state);
        });
  }

  /** Removes the record: the last thing that goes of a sandbox. Gone already is success. */
  public void remove(String id) {
    database.write(connection -> {
      try (PreparedStatement delete =
          connection.prepareStatement("DELETE FROM sandboxes WHERE id = ?")) {
        delete.setString(1, id);
        return delete.executeUpdate();
      }
    });
    sandboxes.remove(id);
  }

  private static ServiceException unknown(String id) {
    return new ServiceException.NotFound("pod sandbox " + id + " is not known");
  }
}
