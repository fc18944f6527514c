package io.crij.runtime.container.records;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.records.Database;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.Ids;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of the containers: in the database, and as snapshots in memory, from which everything
 * is read without a lock. A change is in the database before it is seen.
 */
public final class ContainerStore {
  /** The tables, one statement each, for {@link io.crij.records.Schema}. */
  public static final List<String> MIGRATIONS = ContainerRows.MIGRATIONS;

  private static final Logger log = LoggerFactory.getLogger(ContainerStore.class);

  private final Database database;
  private final Path runroot;
  private final BiConsumer<@Nullable Container, @Nullable Container> listener;
  private final Map<String, Container> containers = new ConcurrentHashMap<>();
  private final ReentrantLock writing = new ReentrantLock();
  private final Condition changed = writing.newCondition();

  private ContainerStore(
      Database database,
      Path runroot,
      BiConsumer<@Nullable Container, @Nullable Container> listener) {
    this.database = database;
    this.runroot = runroot;
    this.listener = listener;
  }

  /**
   * Reads the records. One that cannot be read is logged and set aside, and never stops the start.
   *
   * @param listener told of each change of a life in the order in which they are made, with what
   *     was recorded before and after it; null where there was, or is, no container
   */
  public static ContainerStore open(
      Database database,
      Path runroot,
      BiConsumer<@Nullable Container, @Nullable Container> listener) {
    ContainerStore store = new ContainerStore(database, runroot, listener);
    database.read(connection -> {
      try (PreparedStatement query = connection.prepareStatement("SELECT * FROM containers");
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
      containers.put(id, ContainerRows.read(row, runroot));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      log.error("container {}: its record cannot be read and is set aside: {}", id, e.getMessage());
    }
  }

  public Path runroot() {
    return runroot;
  }

  /**
   * The container with this id, which may be given by its beginning, or null. Infra containers are
   * not found.
   *
   * @throws ServiceException.InvalidArgument when several ids begin so
   */
  public @Nullable Container find(String id) {
    Container found = Ids.find(containers, id, "containers");
    return found == null || found.isInfra() ? null : found;
  }

  /** The container with exactly this id, an infra container too, or null. */
  public @Nullable Container record(String id) {
    return containers.get(id);
  }

  /**
   * The container with this id, if it is made.
   *
   * @throws ServiceException.NotFound when there is none
   */
  public Container get(String id) {
    Container container = find(id);
    if (container == null || container.life().isBeingMade()) {
      throw new ServiceException.NotFound("container " + id + " is not known");
    }
    return container;
  }

  /** All containers of this instant, infra ones and those being made included, in no order. */
  public Collection<Container> all() {
    return List.copyOf(containers.values());
  }

  /** All containers of a pod, the infra one and those being made included, in no order. */
  public List<Container> ofSandbox(String sandboxId) {
    return containers.values().stream().filter(c -> c.sandboxId().equals(sandboxId)).toList();
  }

  /** Records a new container. */
  public void create(Container container) {
    writing.lock();
    try {
      database.write(connection -> ContainerRows.insert(connection, container));
      containers.put(container.id(), container);
      listener.accept(null, container);
    } finally {
      writing.unlock();
    }
  }

  /**
   * Replaces where a container is in its life.
   *
   * @return null when there is no such container
   */
  public @Nullable Container update(String id, UnaryOperator<Lifecycle> change) {
    writing.lock();
    try {
      Container container = containers.get(id);
      if (container == null) {
        return null;
      }
      Container updated = container.with(change.apply(container.life()));
      if (!updated.equals(container)) {
        database.write(connection -> ContainerRows.update(connection, id, updated.life()));
        containers.put(id, updated);
        listener.accept(container, updated);
        changed.signalAll();
      }
      return updated;
    } finally {
      writing.unlock();
    }
  }

  /** Records which settings its cgroup has now. No such container is success. */
  public void setResources(String id, LinuxContainerResources resources) {
    writing.lock();
    try {
      Container container = containers.get(id);
      if (container != null) {
        Container updated = container.with(resources);
        database.write(connection -> ContainerRows.update(connection, id, updated.config()));
        containers.put(id, updated);
      }
    } finally {
      writing.unlock();
    }
  }

  /** Removes the record: the last thing that goes of a container. Gone already is success. */
  public void remove(String id) {
    writing.lock();
    try {
      database.write(connection -> ContainerRows.delete(connection, id));
      Container removed = containers.remove(id);
      if (removed != null) {
        listener.accept(removed, null);
      }
      changed.signalAll();
    } finally {
      writing.unlock();
    }
  }

  /**
   * Waits until a container has ended, or is gone.
   *
   * @return false when it has not within {@code timeout}
   * @throws ServiceException.DeadlineExceeded when the caller is interrupted
   */
  public boolean awaitEnd(String id, Duration timeout) {
    long left = timeout.toNanos();
    writing.lock();
    try {
      for (Container container = containers.get(id);
          container != null && !container.life().hasEnded();
          container = containers.get(id)) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.DeadlineExceeded(
          "interrupted before container " + id + " ended", e);
    } finally {
      writing.unlock();
    }
  }
}
