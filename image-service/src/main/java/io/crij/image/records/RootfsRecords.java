package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.util.List;
import java.util.Set;

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
    return database.write(c ->
        Sql.update(
                c,
                "INSERT OR REPLACE INTO rootfs_users SELECT ?, id FROM images WHERE id = ?",
                container,
                image.toString())
            > 0);
  }

  public void remove(String container) {
    database.write(c -> Sql.update(c, "DELETE FROM rootfs_users WHERE container = ?", container));
  }

  public Set<String> containers() {
    List<String> containers =
        database.read(
            c -> Sql.list(c, "SELECT container FROM rootfs_users", row -> row.getString(1)));
    return Set.copyOf(containers);
  }
}
