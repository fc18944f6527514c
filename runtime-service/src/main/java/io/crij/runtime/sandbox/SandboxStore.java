package io.crij.runtime.sandbox;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.linux.namespace.NamespaceType;
import io.crij.records.Database;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.Ids;
import java.nio.file.Path;
import java.sql.Connection;
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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
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
  private final BiConsumer<@Nullable Sandbox, @Nullable Sandbox> listener;
  private final Map<String, Sandbox> sandboxes = new ConcurrentHashMap<>();
  private final ReentrantLock writing = new ReentrantLock();

  private SandboxStore(
      Database database, Path runroot, BiConsumer<@Nullable Sandbox, @Nullable Sandbox> listener) {
    this.database = database;
    this.runroot = runroot;
    this.listener = listener;
  }

  /**
   * Reads the records. One that cannot be read is logged and set aside, and never stops the start.
   *
   * @param listener told of each change in the order in which they are made, with what was recorded
   *     before and after it; null where there was, or is, no sandbox
   */
  public static SandboxStore open(
      Database database, Path runroot, BiConsumer<@Nullable Sandbox, @Nullable Sandbox> listener) {
    SandboxStore store = new SandboxStore(database, runroot, listener);
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
    writing.lock();
    try {
      database.write(connection -> insert(connection, sandbox));
      sandboxes.put(sandbox.id(), sandbox);
      listener.accept(null, sandbox);
    } finally {
      writing.unlock();
    }
  }

  private static int insert(Connection connection, Sandbox sandbox) throws SQLException {
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
  }

  /**
   * Replaces the state.
   *
   * @throws ServiceException.NotFound when the sandbox was removed
   */
  public Sandbox setState(String id, SandboxState state) {
    return changeExisting(id, sandbox -> sandbox.withState(state));
  }

  /** Notes that what holds a namespace of the sandbox has ended, if the sandbox is ready. */
  public void breakReady(String id) {
    Sandbox _ =
        change(id, sandbox -> sandbox.isReady() ? sandbox.withState(SandboxState.BROKEN) : sandbox);
  }

  /**
   * Notes what the sandbox's cgroup has as a whole.
   *
   * @throws ServiceException.NotFound when the sandbox was removed
   */
  public Sandbox setResources(String id, LinuxPodSandboxConfig linux) {
    return changeExisting(id, sandbox -> sandbox.withResources(linux));
  }

  private Sandbox changeExisting(String id, UnaryOperator<Sandbox> change) {
    Sandbox changed = change(id, change);
    if (changed == null) {
      throw unknown(id);
    }
    return changed;
  }

  private @Nullable Sandbox change(String id, UnaryOperator<Sandbox> change) {
    writing.lock();
    try {
      Sandbox before = sandboxes.get(id);
      if (before == null) {
        return null;
      }
      Sandbox after = change.apply(before);
      if (!after.equals(before)) {
        database.write(connection -> update(connection, after));
        sandboxes.put(id, after);
        listener.accept(before, after);
      }
      return after;
    } finally {
      writing.unlock();
    }
  }

  private static int update(Connection connection, Sandbox sandbox) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE sandboxes SET state = ?, config = ? WHERE id = ?")) {
      update.setString(1, sandbox.state().name());
      update.setBytes(2, sandbox.config().toByteArray());
      update.setString(3, sandbox.id());
      return update.executeUpdate();
    }
  }

  /** Removes the record: the last thing that goes of a sandbox. Gone already is success. */
  public void remove(String id) {
    writing.lock();
    try {
      database.write(connection -> {
        try (PreparedStatement delete =
            connection.prepareStatement("DELETE FROM sandboxes WHERE id = ?")) {
          delete.setString(1, id);
          return delete.executeUpdate();
        }
      });
      Sandbox removed = sandboxes.remove(id);
      if (removed != null) {
        listener.accept(removed, null);
      }
    } finally {
      writing.unlock();
    }
  }

  private static ServiceException unknown(String id) {
    return new ServiceException.NotFound("pod sandbox " + id + " is not known");
  }
}
