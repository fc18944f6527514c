package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What images have on the disk besides their layers, and what all of it takes. */
public final class ContentRecords {
  private final Database database;

  public ContentRecords(Database database) {
    this.database = database;
  }

  /** The images of this node's own store that have a layer of their own on top. */
  public Set<Digest> withFixup() {
    return digests("SELECT id FROM images WHERE fixup AND store = ''");
  }

  /** The ids of all artifacts of this node's own store. */
  public Set<Digest> artifacts() {
    return digests("SELECT id FROM images WHERE kind = 'ARTIFACT' AND store = ''");
  }

  /** The digests of all blobs that images have. */
  public Set<Digest> blobs() {
    return digests("SELECT DISTINCT digest FROM blobs");
  }

  /** How many bytes the blobs have that images have. */
  public Map<Digest, Long> blobSizes() {
    return database.read(c -> {
      Map<Digest, Long> sizes = new LinkedHashMap<>();
      Sql.list(
              c,
              "SELECT DISTINCT digest, size_bytes FROM blobs ORDER BY digest",
              row -> Map.entry(Digest.parse(row.getString(1)), row.getLong(2)))
          .forEach(row -> sizes.put(row.getKey(), row.getValue()));
      return sizes;
    });
  }

  /** The ids of the images that have a blob, for each blob. */
  public Map<Digest, List<String>> owners() {
    return database.read(c -> {
      Map<Digest, List<String>> owners = new HashMap<>();
      Sql.list(
          c,
          "SELECT digest, group_concat(image) AS images FROM blobs GROUP BY digest",
          row -> owners.put(Digest.parse(row.getString(1)), Sql.strings(row, "images")));
      return owners;
    });
  }

  /** The digests of the blobs that one image has. */
  public Set<Digest> blobs(Digest image) {
    return digests("SELECT digest FROM blobs WHERE image = ?", image.toString());
  }

  /** The ids of the images that have a blob. */
  public List<String> images(Digest blob) {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT image FROM blobs WHERE digest = ? ORDER BY image",
            row -> row.getString(1),
            blob.toString()));
  }

  private Set<Digest> digests(String query, Object... arguments) {
    return database.read(
        c -> new HashSet<>(Sql.list(c, query, row -> Digest.parse(row.getString(1)), arguments)));
  }

  /** How many images, or artifacts, there are, those of additional stores included. */
  public long count(ImageRow.Kind kind) {
    return count("SELECT COUNT(*) FROM images WHERE kind = ?", kind.name());
  }

  /** How many layers this node's own store has. */
  public long layerCount() {
    return count("SELECT COUNT(*) FROM layers WHERE store = ''");
  }

  private long count(String query, Object... arguments) {
    return database.read(c -> Sql.list(c, query, row -> row.getLong(1), arguments)).getFirst();
  }

  /** What all images of this node's own store take on the disk. */
  public Usage usage() {
    return database
        .read(c ->
            Sql.list(
                c,
                """
                SELECT (SELECT COALESCE(SUM(disk_bytes), 0) FROM layers
                     WHERE store = '')
                    + (SELECT COALESCE(SUM(size_bytes), 0) FROM
                       (SELECT DISTINCT digest, blobs.size_bytes FROM blobs JOIN images
                          ON blobs.image = images.id AND store = '')),
                  (SELECT COALESCE(SUM(inodes), 0) FROM layers WHERE store = '')
                    + (SELECT COUNT(DISTINCT digest) FROM blobs JOIN images
                       ON blobs.image = images.id AND store = '')
                """,
                row -> new Usage(row.getLong(1), row.getLong(2))))
        .getFirst();
  }

  /** Bytes and inodes on the disk. */
  public record Usage(long bytes, long inodes) {}
}
