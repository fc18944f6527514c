package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.util.List;

/** Which containers have which images as volumes. */
public final class VolumeRecords {
  private final Database database;

  public VolumeRecords(Database database) {
    this.database = database;
  }

  /**
   * A user of an image.
   *
   * @param position among the volumes of the container
   */
  public record User(String container, int position, Digest image) {}

  /**
   * Records a user; from now on the image is kept.
   *
   * @return false when there is no such image
   */
  public boolean add(String container, int position, Digest image) {
    return database.write(c -> {
      int added =
          Sql.update(
              c,
              "INSERT OR REPLACE INTO volume_users SELECT ?, ?, id FROM images WHERE id = ?",
              container,
              position,
              image.toString());
      Sql.update(c, "UPDATE images SET used_at = " + Sql.NOW + " WHERE id = ?", image.toString());
      return added > 0;
    });
  }

  public void remove(String container, int position) {
    database.write(c -> {
      Sql.update(
          c,
          "UPDATE images SET used_at = "
              + Sql.NOW
              + " WHERE id = (SELECT image FROM volume_users WHERE container = ? AND position = ?)",
          container,
          position);
      return Sql.update(
          c, "DELETE FROM volume_users WHERE container = ? AND position = ?", container, position);
    });
  }

  public List<Integer> positions(String container) {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT position FROM volume_users WHERE container = ? ORDER BY position",
            row -> row.getInt(1),
            container));
  }

  /** All of them. */
  public List<User> list() {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT container, position, image FROM volume_users",
            row -> new User(row.getString(1), row.getInt(2), Digest.parse(row.getString(3)))));
  }
}
