package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** What the removal of images would bring. */
public final class UnusedImages {
  private static final String LIST = "(SELECT value FROM json_each(?1))";

  private final Database database;

  public UnusedImages(Database database) {
    this.database = database;
  }

  /**
   * The bytes on the disk that only these images need, and those of layers that no image has.
   *
   * @param images all of them removed
   */
  public long freedBytes(List<Digest> images) {
    String ids =
        new JsonMapper().writeValueAsString(images.stream().map(Digest::toString).toList());
    return database
        .read(c ->
            Sql.list(
                c,
                "SELECT (SELECT COALESCE(SUM(disk_bytes), 0) FROM layers WHERE store = '' AND diff_id NOT IN"
                    + " (SELECT diff_id FROM image_layers WHERE image NOT IN "
                    + LIST
                    + ")) + (SELECT COALESCE(SUM(size_bytes), 0) FROM"
                    + " (SELECT DISTINCT digest, size_bytes FROM blobs WHERE digest NOT IN"
                    + " (SELECT digest FROM blobs WHERE image NOT IN "
                    + LIST
                    + ")))",
                row -> row.getLong(1),
                ids))
        .getFirst();
  }
}
