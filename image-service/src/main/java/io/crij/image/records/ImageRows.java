package io.crij.image.records;

import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The rows of images, and of the layers and blobs that they consist of. */
final class ImageRows {
  private static final String SELECT =
      """
      SELECT images.*,
        (SELECT size_bytes FROM blobs WHERE blobs.image = images.id
          AND blobs.digest = images.manifest) AS manifest_bytes,
        damaged = 0 AND NOT EXISTS (SELECT 1 FROM image_layers JOIN layers USING (diff_id)
          WHERE image_layers.image = images.id AND layers.state <> 'WHOLE') AS whole
      FROM images
      """;

  private ImageRows() {}

  static List<ImageRow> find(Connection c, String where, Object... arguments) throws SQLException {
    return Sql.list(c, SELECT + where, row -> read(c, row), arguments);
  }

  /** Records what an image consists of, which is what its id says: what is there stays. */
  static void addParts(Connection c, NewImage image) throws SQLException {
    String id = image.id().toString();
    for (int i = 0; i < image.diffIds().size(); i++) {
      String layer = image.diffIds().get(i).toString();
      Sql.update(c, "INSERT OR IGNORE INTO image_layers VALUES (?, ?, ?)", id, i, layer);
    }
    for (Map.Entry<Digest, Long> blob : image.blobs().entrySet()) {
      String digest = blob.getKey().toString();
      Sql.update(c, "INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", id, digest, blob.getValue());
    }
  }

  private static ImageRow read(Connection c, ResultSet row) throws SQLException {
    String id = row.getString("id");
    Digest manifest = Digest.parse(row.getString("manifest"));
    List<String> tags = names(c, id, true);
    return new ImageRow(
        Digest.parse(id),
        ImageRow.Kind.valueOf(row.getString("kind")),
        new Descriptor(row.getString("media_type"), manifest, row.getLong("manifest_bytes")),
        row.getString("user"),
        row.getLong("size_bytes"),
        row.getBoolean("fixup"),
        row.getBoolean("whole"),
        tags,
        repoDigests(tags, names(c, id, false), manifest),
        new ImageRow.Times(
            Instant.ofEpochMilli(row.getLong("created_at")),
            Instant.ofEpochMilli(Math.max(row.getLong("created_at"), row.getLong("used_at")))),
        row.getString("store"));
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

  /** As CRI-O: what is known by one digest in a repository is known there by its others too. */
  private static List<String> repoDigests(
      List<String> tags, List<String> digested, Digest manifest) {
    Set<String> repositories = new TreeSet<>();
    Set<String> digests = new TreeSet<>();
    digests.add(manifest.toString());
    for (String name : digested) {
      int at = name.indexOf('@');
      repositories.add(name.substring(0, at));
      digests.add(name.substring(at + 1));
    }
    tags.forEach(tag -> repositories.add(tag.substring(0, tag.lastIndexOf(':'))));
    Set<String> all = new TreeSet<>();
    for (String repository : repositories) {
      digests.forEach(digest -> all.add(repository + "@" + digest));
    }
    return List.copyOf(all);
  }
}
