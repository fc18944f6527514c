package io.crij.image.records;

import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which images there are, under which names. */
public final class ImageRecords {
  private static final String SELECT =
      "SELECT images.*, (SELECT size_bytes FROM blobs WHERE blobs.image = images.id"
          + " AND blobs.digest = images.manifest) AS manifest_bytes FROM images ";

  private final Database database;

  public ImageRecords(Database database) {
    this.database = database;
  }

  /**
   * Records a whole image under its names; also survives a power cut.
   *
   * @param hasFixup whether a layer of its own lies on top
   */
  public void commit(NewImage image, boolean hasFixup, NewImage.Names names) {
    database.writeDurable(c -> {
      String id = image.id().toString();
      Sql.update(
          c,
          "INSERT INTO images (id, manifest, media_type, user, size_bytes, fixup)"
              + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
          id,
          image.manifest().digest().toString(),
          image.manifest().mediaType(),
          image.user(),
          image.sizeBytes(),
          hasFixup);
      for (int i = 0; i < image.diffIds().size(); i++) {
        Sql.update(
            c,
            "INSERT OR IGNORE INTO image_layers VALUES (?, ?, ?)",
            id,
            i,
            image.diffIds().get(i).toString());
      }
      for (Map.Entry<Digest, Long> blob : image.blobs().entrySet()) {
        Sql.update(
            c,
            "INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)",
            id,
            blob.getKey().toString(),
            blob.getValue());
      }
      return addNames(c, image.id(), names);
    });
  }

  private static boolean addNames(Connection c, Digest id, NewImage.Names names)
      throws SQLException {
    String tag = names.repoTag();
    String digest = names.repoDigest();
    if (tag != null) {
      addName(c, tag, id, true, true);
    }
    if (digest != null) {
      addName(c, digest, id, false, tag == null);
    }
    return true;
  }

  private static void addName(
      Connection c, String name, Digest id, boolean isTag, boolean requested) throws SQLException {
    Sql.update(
        c,
        "INSERT INTO names VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE"
            + " SET image = ?2, requested = MAX(?4, requested * (image = ?2))",
        name,
        id.toString(),
        isTag,
        requested);
  }

  public List<ImageRow> list() {
    return database.read(c -> Sql.list(c, SELECT + "ORDER BY id", row -> row(c, row)));
  }

  /** The image that bears this tag or repo digest. */
  public @Nullable ImageRow findByName(String name) {
    return Sql.first(
        database.read(c -> find(c, "WHERE id = (SELECT image FROM names WHERE name = ?)", name)));
  }

  public @Nullable ImageRow findById(Digest id) {
    return Sql.first(database.read(c -> find(c, "WHERE id = ?", id.toString())));
  }

  /**
   * The images whose ids begin so, at most two.
   *
   * @param prefix with the algorithm, e.g. {@code sha256:0a1b}; holds no wildcards
   */
  public List<ImageRow> findByIdPrefix(String prefix) {
    return database.read(c ->
        Sql.list(
            c,
            SELECT + "WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2",
            row -> row(c, row),
            prefix));
  }

  /** How many containers have a root file system of this image. */
  public int users(Digest id) {
    return database
        .read(c ->
            Sql.list(
                c,
                "SELECT COUNT(*) FROM rootfs_users WHERE image = ?",
                row -> row.getInt(1),
                id.toString()))
        .getFirst();
  }

  /**
   * Takes a name away from its image.
   *
   * @return whether the image has another name under which it was asked for
   */
  public boolean removeName(Digest id, String name) {
    return database.write(c -> {
      List<Integer> others =
          Sql.list(
              c,
              "SELECT 1 FROM names WHERE image = ? AND requested AND name <> ?",
              row -> row.getInt(1),
              id.toString(),
              name);
      if (others.isEmpty()) {
        return false;
      }
      Sql.update(c, "DELETE FROM names WHERE name = ?", name);
      return true;
    });
  }

  /** Forgets an image and all its names; false when containers have its layers mounted. */
  public boolean remove(Digest id) {
    return database.writeDurable(c -> {
      String text = id.toString();
      Sql.update(
          c,
          "DELETE FROM images WHERE id = ?1"
              + " AND NOT EXISTS (SELECT 1 FROM rootfs_users WHERE image = ?1)",
          text);
      return find(c, "WHERE id = ?", text).isEmpty();
    });
  }

  /** The images that have a layer of their own on top. */
  public Set<Digest> withFixup() {
    return database.read(c ->
        new HashSet<>(
            Sql.list(
                c, "SELECT id FROM images WHERE fixup", row -> Digest.parse(row.getString(1)))));
  }

  /** The digests of all blobs that images have. */
  public Set<Digest> blobs() {
    return database.read(c ->
        new HashSet<>(
            Sql.list(
                c, "SELECT DISTINCT digest FROM blobs", row -> Digest.parse(row.getString(1)))));
  }

  /** What all images take on the disk. */
  public Usage usage() {
    return database
        .read(c ->
            Sql.list(
                c,
                """
                SELECT (SELECT COALESCE(SUM(disk_bytes), 0) FROM layers)
                    + (SELECT COALESCE(SUM(size_bytes), 0) FROM
                       (SELECT DISTINCT digest, size_bytes FROM blobs)),
                  (SELECT COALESCE(SUM(inodes), 0) FROM layers)
                    + (SELECT COUNT(DISTINCT digest) FROM blobs)
                """,
                row -> new Usage(row.getLong(1), row.getLong(2))))
        .getFirst();
  }

  /** Bytes and inodes on the disk. */
  public record Usage(long bytes, long inodes) {}

  private static List<ImageRow> find(Connection c, String where, String argument)
      throws SQLException {
    return Sql.list(c, SELECT + where, row -> row(c, row), argument);
  }

  private static ImageRow row(Connection c, ResultSet row) throws SQLException {
    String id = row.getString("id");
    return new ImageRow(
        Digest.parse(id),
        new Descriptor(
            row.getString("media_type"),
            Digest.parse(row.getString("manifest")),
            row.getLong("manifest_bytes")),
        row.getString("user"),
        row.getLong("size_bytes"),
        row.getBoolean("fixup"),
        row.getBoolean("pinned"),
        names(c, id, true),
        names(c, id, false));
  }

  private static List<String> names(Connection c, String id, boolean tags) throws SQLException {
    List<String> names =
        Sql.list(
            c,
            "SELECT name FROM names WHERE image = ? AND is_tag = ?",
            row -> row.getString(1),
            id,
            tags);
    return List.copyOf(new TreeSet<>(names));
  }
}
