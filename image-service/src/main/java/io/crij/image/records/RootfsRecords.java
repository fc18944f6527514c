package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.util.HashMap;
import java.util.Map;

/** Which containers have a root file system of which image. */
public final class RootfsRecords {
  private final Database database;

  public RootfsRecords(Database database) {
    this.database = database;
  }

  /**
   * Records a user; from now on the image is kept.
   *
   * @return false when there is no such image
   */
  public boolean add(String container, Digest image) {
    return database.write(c -> {
      int added =
          Sql.update(
              c,
              "INSERT OR REPLACE INTO rootfs_users SELECT ?, id FROM images WHERE id = ?",
              container,
              image.toString());
      Sql.update(c, "UPDATE images SET used_at = " + Sql.NOW + " WHERE id = ?", image.toString());
      return added > 0;
    });
  }

  public void remove(String container) {
    database.write(c -> {
      Sql.update(
          c,
          "UPDATE images SET used_at = "
              + Sql.NOW
              + " WHERE id = (SELECT image FROM rootfs_users WHERE container = ?)",
          container);
      return Sql.update(c, "DELETE FROM rootfs_users WHERE container = ?", container);
    });
  }

  /** The containers, each with its image. */
  public Map<String, Digest> users() {
    Map<String, Digest> users = new HashMap<>();
    database.read(c ->
        Sql.list(
            c,
            "SELECT container, image FROM rootfs_users",
            row -> users.put(row.getString(1), Digest.parse(row.getString(2)))));
    return users;
  }
}
