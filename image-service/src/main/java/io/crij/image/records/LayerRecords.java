package io.crij.image.records;

import io.crij.image.LayerKind;
import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which layers are whole, and how large they are. */
public final class LayerRecords {
  private final Database database;
  private final Duration unusedAge;

  /**
   * @param unusedAge how long a layer is kept that no image has: a pull that was cut short goes on
   *     with those it got
   */
  public LayerRecords(Database database, Duration unusedAge) {
    this.database = database;
    this.unusedAge = unusedAge;
  }

  /** The layer, if it is whole. */
  public @Nullable LayerRow find(Digest diffId) {
    return Sql.first(
        database.read(c ->
            Sql.list(
                c,
                "SELECT * FROM layers WHERE diff_id = ? AND state = 'WHOLE'",
                LayerRecords::row,
                diffId.toString())));
  }

  /** All layers, also those that are known to be lost or damaged. */
  public List<LayerRow> list() {
    return database.read(c -> Sql.list(c, "SELECT * FROM layers", LayerRecords::row));
  }

  /**
   * A layer and who keeps it.
   *
   * @param images ids of those that have it
   * @param until when it is taken away if then no image has it, and no pull wants it
   */
  public record Kept(LayerRow layer, List<String> images, Instant until) {}

  /** The layers of this node's own store, with those who keep them. */
  public List<Kept> kept() {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT *, (SELECT group_concat(DISTINCT image) FROM image_layers"
                + " WHERE diff_id = layers.diff_id) AS images FROM layers WHERE store = ''",
            row ->
                new Kept(
                    row(row),
                    Sql.strings(row, "images"),
                    Instant.ofEpochMilli(row.getLong("created_at")).plus(unusedAge))));
  }

  /** The layers of an image, lowest first; one may come more than once. */
  public List<LayerRow> ofImage(Digest image) {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT layers.* FROM image_layers JOIN layers USING (diff_id)"
                + " WHERE image = ? ORDER BY position",
            LayerRecords::row,
            image.toString()));
  }

  /** Records a layer whose files are on the disk; also survives a power cut. */
  public void commit(LayerRow layer) {
    database.writeDurable(c ->
        Sql.update(
            c,
            "INSERT INTO layers (diff_id, kind, archive_bytes, disk_bytes, inodes, created_at)"
                + " VALUES (?1, ?2, ?3, ?4, ?5, "
                + Sql.NOW
                + ") ON CONFLICT (diff_id) DO UPDATE SET kind = ?2, archive_bytes = ?3,"
                + " disk_bytes = ?4, inodes = ?5, created_at = excluded.created_at, state = 'WHOLE',"
                + " store = ''",
            layer.diffId().toString(),
            layer.kind().name(),
            layer.archiveBytes(),
            layer.diskBytes(),
            layer.inodes()));
  }

  /**
   * Forgets the layers of no image, but those in {@code kept} and those that are younger than the
   * age, and returns what it forgot of this node's own. Those of an image that was removed have no
   * age.
   */
  public List<Digest> forgetUnused(Set<Digest> kept) {
    return database.write(c -> {
      List<LayerRow> unused =
          Sql.list(
              c,
              "SELECT * FROM layers WHERE created_at <= "
                  + Sql.NOW
                  + " - ? AND diff_id NOT IN (SELECT diff_id FROM image_layers)",
              LayerRecords::row,
              unusedAge.toMillis());
      List<Digest> own = new ArrayList<>();
      for (LayerRow layer : unused) {
        if (kept.contains(layer.diffId())) {
          continue;
        }
        Sql.update(c, "DELETE FROM layers WHERE diff_id = ?", layer.diffId().toString());
        if (layer.store().isEmpty()) {
          own.add(layer.diffId());
        }
      }
      return own;
    });
  }

  /**
   * Records whether a layer's files are there. While they are not, the images that need it are not
   * whole.
   *
   * @return the ids of the images it is about; empty when nothing changed
   */
  public List<String> setThere(Digest diffId, boolean isThere) {
    return database.writeDurable(c -> {
      int changed =
          Sql.update(
              c,
              "UPDATE layers SET state = ?2 WHERE diff_id = ?1 AND state = ?3",
              diffId.toString(),
              isThere ? "WHOLE" : "LOST",
              isThere ? "LOST" : "WHOLE");
      return changed == 0 ? List.of() : images(c, diffId);
    });
  }

  /**
   * Takes a damaged layer out of use, so that the next pull makes it anew.
   *
   * @return false when containers have it mounted: it stays in use then
   */
  public boolean setDamaged(Digest diffId) {
    return database.writeDurable(c ->
        Sql.update(
                c,
                "UPDATE layers SET state = 'DAMAGED' WHERE diff_id = ?1 AND NOT EXISTS"
                    + " (SELECT 1 FROM image_layers JOIN image_users USING (image)"
                    + " WHERE image_layers.diff_id = ?1)",
                diffId.toString())
            > 0);
  }

  /** The ids of the images that have a layer. */
  public List<String> images(Digest diffId) {
    return database.read(c -> images(c, diffId));
  }

  private static List<String> images(Connection c, Digest diffId) throws SQLException {
    return Sql.list(
        c,
        "SELECT DISTINCT image FROM image_layers WHERE diff_id = ? ORDER BY image",
        row -> row.getString(1),
        diffId.toString());
  }

  static LayerRow row(ResultSet row) throws SQLException {
    return new LayerRow(
        Digest.parse(row.getString("diff_id")),
        LayerKind.valueOf(row.getString("kind")),
        row.getLong("archive_bytes"),
        row.getLong("disk_bytes"),
        row.getLong("inodes"),
        row.getString("store"));
  }
}
