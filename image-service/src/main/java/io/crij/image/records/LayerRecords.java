package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which layers are whole, and how large they are. */
public final class LayerRecords {
  private final Database database;

  public LayerRecords(Database database) {
    this.database = database;
  }

  public @Nullable LayerRow find(Digest diffId) {
    return Sql.first(
        database.read(c ->
            Sql.list(
                c,
                "SELECT * FROM layers WHERE diff_id = ?",
                LayerRecords::row,
                diffId.toString())));
  }

  public List<LayerRow> list() {
    return database.read(c -> Sql.list(c, "SELECT * FROM layers", LayerRecords::row));
  }

  /** Records a layer whose files are on the disk; also survives a power cut. */
  public void commit(LayerRow layer) {
    database.writeDurable(c ->
        Sql.update(
            c,
            "INSERT OR IGNORE INTO layers VALUES (?, ?, ?, ?)",
            layer.diffId().toString(),
            layer.archiveBytes(),
            layer.diskBytes(),
            layer.inodes()));
  }

  /** Forgets the layers of no image, but those in {@code kept}, and returns what it forgot. */
  public List<Digest> forgetUnused(Set<Digest> kept) {
    return database.write(c -> {
      List<Digest> unused =
          Sql.list(
              c,
              "SELECT diff_id FROM layers WHERE diff_id NOT IN"
                  + " (SELECT diff_id FROM image_layers)",
              row -> Digest.parse(row.getString(1)));
      unused.removeAll(kept);
      for (Digest diffId : unused) {
        Sql.update(c, "DELETE FROM layers WHERE diff_id = ?", diffId.toString());
      }
      return unused;
    });
  }

  /** Forgets a layer whose files are gone, and the images that need it; returns their ids. */
  public List<String> forgetBroken(Digest diffId) {
    return database.writeDurable(c -> {
      List<String> images =
          Sql.list(
              c,
              "SELECT DISTINCT image FROM image_layers WHERE diff_id = ?",
              row -> row.getString(1),
              diffId.toString());
      for (String image : images) {
        Sql.update(c, "DELETE FROM rootfs_users WHERE image = ?", image);
        Sql.update(c, "DELETE FROM images WHERE id = ?", image);
      }
      Sql.update(c, "DELETE FROM layers WHERE diff_id = ?", diffId.toString());
      return images;
    });
  }

  private static LayerRow row(ResultSet row) throws SQLException {
    return new LayerRow(
        Digest.parse(row.getString("diff_id")),
        row.getLong("archive_bytes"),
        row.getLong("disk_bytes"),
        row.getLong("inodes"));
  }
}
