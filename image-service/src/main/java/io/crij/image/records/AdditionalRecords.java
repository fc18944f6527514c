package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** What stores have that this node only reads, and what our own has for those that read it. */
public final class AdditionalRecords {
  private static final String LIST = "(SELECT value FROM json_each(?1))";

  /** An image of this node's own may have its layer, or a container has it mounted. */
  private static final String IN_USE =
      """
      EXISTS (SELECT 1 FROM image_layers JOIN images ON images.id = image
        WHERE image_layers.diff_id = layers.diff_id AND images.store = '')
      OR EXISTS (SELECT 1 FROM image_layers JOIN image_users USING (image)
        WHERE image_layers.diff_id = layers.diff_id)
      """;

  private final Database database;

  public AdditionalRecords(Database database) {
    this.database = database;
  }

  /**
   * What a store has.
   *
   * @param layers of these images
   */
  public record Contents(List<StoredImage> images, List<LayerRow> layers) {
    public Contents {
      images = List.copyOf(images);
      layers = List.copyOf(layers);
    }
  }

  /**
   * An image in a store.
   *
   * @param hasFixup whether a layer of its own lies on top
   * @param tags {@code domain/path:tag}
   * @param digests {@code domain/path@digest}
   */
  public record StoredImage(
      NewImage image, boolean hasFixup, List<String> tags, List<String> digests) {
    public StoredImage {
      tags = List.copyOf(tags);
      digests = List.copyOf(digests);
    }
  }

  /** The whole images of our own store of which everything is in it. */
  public Contents own() {
    return database.read(c -> {
      List<StoredImage> images = new ArrayList<>();
      for (ImageRow row :
          ImageRows.find(
              c,
              "WHERE store = '' AND NOT EXISTS (SELECT 1 FROM image_layers JOIN layers"
                  + " USING (diff_id) WHERE image = images.id AND layers.store <> '') ORDER BY id")) {
        if (row.isWhole()) {
          images.add(stored(c, row));
        }
      }
      return new Contents(
          images,
          Sql.list(
              c,
              "SELECT * FROM layers WHERE store = '' AND state = 'WHOLE' ORDER BY diff_id",
              LayerRecords::row));
    });
  }

  private static StoredImage stored(Connection c, ImageRow row) throws SQLException {
    String id = row.id().toString();
    Map<Digest, Long> blobs = new HashMap<>();
    Sql.list(
        c,
        "SELECT digest, size_bytes FROM blobs WHERE image = ?",
        blob -> blobs.put(Digest.parse(blob.getString(1)), blob.getLong(2)),
        id);
    List<Digest> layers =
        Sql.list(
            c,
            "SELECT diff_id FROM image_layers WHERE image = ? ORDER BY position",
            layer -> Digest.parse(layer.getString(1)),
            id);
    NewImage image =
        new NewImage(
            row.id(), row.kind(), row.manifest(), row.user(), row.sizeBytes(), layers, blobs);
    return new StoredImage(image, row.hasFixup(), row.repoTags(), row.repoDigests());
  }

  /** Whether nothing at all is recorded of images. */
  public boolean isEmpty() {
    return database.read(c ->
        Sql.list(c, "SELECT 1 FROM images UNION SELECT 1 FROM layers", row -> row.getInt(1))
            .isEmpty());
  }

  /**
   * Forgets the images of additional stores that are not these, but those that containers have, and
   * takes their layers for lost.
   */
  public void retain(Set<String> stores) {
    database.writeDurable(c -> {
      String list = json(stores);
      Sql.update(
          c,
          "DELETE FROM images WHERE store <> '' AND store NOT IN "
              + LIST
              + " AND NOT EXISTS (SELECT 1 FROM image_users WHERE image = images.id)",
          list);
      return Sql.update(
          c,
          "UPDATE layers SET state = 'LOST' WHERE state = 'WHOLE' AND store <> ''"
              + " AND store NOT IN "
              + LIST,
          list);
    });
  }

  /**
   * Records what an additional store has now. What our own store or another has stays as it is
   * recorded, but for layers that only additional images need.
   *
   * @param store empty for our own, whose records were lost
   */
  public void replace(String store, Contents contents) {
    database.writeDurable(c -> {
      forgetOthers(c, store, contents);
      for (LayerRow layer : contents.layers()) {
        add(c, store, layer);
      }
      for (StoredImage image : contents.images()) {
        add(c, store, image);
      }
      return true;
    });
  }

  private static void forgetOthers(Connection c, String store, Contents contents)
      throws SQLException {
    List<String> ids = contents.images().stream().map(i -> i.image().id().toString()).toList();
    Sql.update(
        c,
        "DELETE FROM images WHERE store = ?2 AND id NOT IN "
            + LIST
            + " AND NOT EXISTS (SELECT 1 FROM image_users WHERE image = images.id)",
        json(ids),
        store);
  }

  private static void add(Connection c, String store, LayerRow layer) throws SQLException {
    Sql.update(
        c,
        "INSERT INTO layers (diff_id, kind, archive_bytes, disk_bytes, inodes, created_at, store)"
            + " VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6) ON CONFLICT (diff_id) DO UPDATE SET kind = ?2,"
            + " archive_bytes = ?3, disk_bytes = ?4, inodes = ?5, state = 'WHOLE', store = ?6"
            + " WHERE state <> 'WHOLE' OR store = ?6 OR (store = '' AND NOT ("
            + IN_USE
            + "))",
        layer.diffId().toString(),
        layer.kind().name(),
        layer.archiveBytes(),
        layer.diskBytes(),
        layer.inodes(),
        store);
  }

  private static void add(Connection c, String store, StoredImage stored) throws SQLException {
    NewImage image = stored.image();
    String id = image.id().toString();
    Sql.update(
        c,
        "INSERT INTO images (id, manifest, media_type, user, size_bytes, fixup, kind, store)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (id) DO UPDATE SET damaged = 0 WHERE store = excluded.store",
        id,
        image.manifest().digest().toString(),
        image.manifest().mediaType(),
        image.user(),
        image.sizeBytes(),
        stored.hasFixup(),
        image.kind().name(),
        store);
    ImageRows.addParts(c, image);
    addNames(c, id, stored.tags(), true);
    addNames(c, id, stored.digests(), false);
  }

  private static void addNames(Connection c, String id, List<String> names, boolean areTags)
      throws SQLException {
    for (String name : names) {
      Sql.update(c, "INSERT OR IGNORE INTO names VALUES (?, ?, ?, ?)", name, id, areTags, areTags);
    }
  }

  private static String json(Iterable<String> values) {
    return new JsonMapper().writeValueAsString(values);
  }
}
