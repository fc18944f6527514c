package io.crij.image.records;

import io.crij.image.name.Digest;
import io.crij.records.Database;
import io.crij.records.Remembered;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which images there are, under which names. */
public final class ImageRecords {
  private final Database database;
  private final Remembered<List<ImageRow>> all;

  public ImageRecords(Database database) {
    this.database = database;
    this.all = new Remembered<>(database, c -> List.copyOf(ImageRows.find(c, "ORDER BY id")));
  }

  /**
   * Records a whole image under its names; also survives a power cut.
   *
   * @param hasFixup whether a layer of its own lies on top
   */
  public void commit(NewImage image, boolean hasFixup, NewImage.Names names) {
    database.writeDurable(c -> {
      Sql.update(
          c,
          "INSERT INTO images (id, manifest, media_type, user, size_bytes, fixup, kind, created_at)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?, "
              + Sql.NOW
              + ") ON CONFLICT (id) DO UPDATE SET damaged = 0, created_at = excluded.created_at,"
              + " fixup = excluded.fixup, store = ''",
          image.id().toString(),
          image.manifest().digest().toString(),
          image.manifest().mediaType(),
          image.user(),
          image.sizeBytes(),
          hasFixup,
          image.kind().name());
      ImageRows.addParts(c, image);
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

  /** Gives an image one more tag, taken from the image that had it; false if there is no image. */
  public boolean addTag(Digest id, String repoTag) {
    return database.writeDurable(c -> {
      if (find(c, id).isEmpty()) {
        return false;
      }
      addName(c, repoTag, id, true, true);
      return true;
    });
  }

  /** All images, also those that are not whole. */
  public List<ImageRow> list() {
    return all.get();
  }

  /** The image that bears this tag. */
  public @Nullable ImageRow findByTag(String repoTag) {
    return Sql.first(
        database.read(c ->
            ImageRows.find(c, "WHERE id = (SELECT image FROM names WHERE name = ?)", repoTag)));
  }

  /**
   * The image that is known by this digest, of itself or of an index that led to it, in this
   * repository.
   *
   * @param repoDigest {@code domain/path@digest}
   */
  public @Nullable ImageRow findByDigest(String repoDigest) {
    ImageRow named = findByTag(repoDigest);
    if (named != null) {
      return named;
    }
    String digest = repoDigest.substring(repoDigest.indexOf('@') + 1);
    return database
        .read(c ->
            ImageRows.find(
                c,
                "WHERE manifest = ?1 OR id IN"
                    + " (SELECT image FROM names WHERE substr(name, -length(?1) - 1) = '@' || ?1)"
                    + " ORDER BY id",
                digest))
        .stream()
        .filter(image -> image.repoDigests().contains(repoDigest))
        .findFirst()
        .orElse(null);
  }

  public @Nullable ImageRow findById(Digest id) {
    return Sql.first(database.read(c -> find(c, id)));
  }

  /** The diff IDs of an image's layers, lowest first. */
  public List<Digest> layers(Digest id) {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT diff_id FROM image_layers WHERE image = ? ORDER BY position",
            row -> Digest.parse(row.getString(1)),
            id.toString()));
  }

  private static List<ImageRow> find(Connection c, Digest id) throws SQLException {
    return ImageRows.find(c, "WHERE id = ?", id.toString());
  }

  /**
   * The images whose ids begin so, at most two.
   *
   * @param prefix with the algorithm, e.g. {@code sha256:0a1b}; holds no wildcards
   */
  public List<ImageRow> findByIdPrefix(String prefix) {
    return database.read(
        c -> ImageRows.find(c, "WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", prefix));
  }

  /** The containers that have the image as their root file system or as a volume, sorted. */
  public List<String> users(Digest id) {
    return database.read(c ->
        Sql.list(
            c,
            "SELECT container FROM image_users WHERE image = ? ORDER BY container",
            row -> row.getString(1),
            id.toString()));
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

  /**
   * Forgets an image and all its names; layers that no other image has are unused at once, whatever
   * their age. False when containers use it.
   */
  public boolean remove(Digest id) {
    return database.writeDurable(c -> {
      String text = id.toString();
      Sql.update(
          c,
          "UPDATE layers SET created_at = 0 WHERE diff_id IN"
              + " (SELECT diff_id FROM image_layers WHERE image = ?)",
          text);
      Sql.update(
          c,
          "DELETE FROM images WHERE id = ?1"
              + " AND NOT EXISTS (SELECT 1 FROM image_users WHERE image = ?1)",
          text);
      return find(c, id).isEmpty();
    });
  }

  /** Hides an image whose documents are damaged, until a pull heals them. */
  public void setDamaged(Digest id) {
    database.writeDurable(
        c -> Sql.update(c, "UPDATE images SET damaged = 1 WHERE id = ?", id.toString()));
  }
}
