package io.crij.runtime.cni;

import io.crij.records.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The records of attachments: written before ADD, completed after it, removed after DEL. */
final class AttachmentStore {
  private final Database database;
  private final Map<String, Attachment> attachments = new ConcurrentHashMap<>();

  private AttachmentStore(Database database) {
    this.database = database;
  }

  static AttachmentStore open(Database database) {
    AttachmentStore store = new AttachmentStore(database);
    database.read(connection -> {
      try (PreparedStatement query = connection.prepareStatement("SELECT * FROM network_results");
          ResultSet row = query.executeQuery()) {
        while (row.next()) {
          store.remember(
              new Attachment(
                  row.getString("sandbox_id"),
                  row.getString("interface_name"),
                  row.getString("config"),
                  row.getString("args"),
                  row.getString("runtime_config"),
                  row.getString("result")));
        }
      }
      return true;
    });
    return store;
  }

  private void remember(Attachment attachment) {
    attachments.put(attachment.sandboxId(), attachment);
  }

  @Nullable Attachment find(String sandboxId) {
    return attachments.get(sandboxId);
  }

  Set<String> sandboxIds() {
    return Set.copyOf(attachments.keySet());
  }

  List<Attachment> all() {
    return List.copyOf(attachments.values());
  }

  void put(Attachment attachment) {
    database.write(connection -> {
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT OR REPLACE INTO network_results VALUES (?, ?, ?, ?, ?, ?)")) {
        insert.setString(1, attachment.sandboxId());
        insert.setString(2, attachment.interfaceName());
        insert.setString(3, attachment.config());
        insert.setString(4, attachment.args());
        insert.setString(5, attachment.runtimeConfig());
        insert.setString(6, attachment.result());
        return insert.executeUpdate();
      }
    });
    remember(attachment);
  }

  void remove(String sandboxId) {
    database.write(connection -> {
      try (PreparedStatement delete =
          connection.prepareStatement("DELETE FROM network_results WHERE sandbox_id = ?")) {
        delete.setString(1, sandboxId);
        return delete.executeUpdate();
      }
    });
    attachments.remove(sandboxId);
  }
}
