package io.crij.image.catalog;

import io.crij.image.ImageException;
import io.crij.image.content.ContentStore;
import io.crij.image.manifest.ImageConfigFile;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.ManifestDocument;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds images by id, short id, tag or digest. */
public final class ImageCatalog {
  private static final String SHA256 = "sha256:";

  /** Fewer digits are taken for a name, as the containers libraries do. */
  private static final Pattern ID = Pattern.compile("[0-9a-f]{3,64}");

  private final ImageRecords records;
  private final ContentStore content;

  public ImageCatalog(ImageRecords records, ContentStore content) {
    this.records = records;
    this.content = content;
  }

  /**
   * An image and how it was asked for.
   *
   * @param name its tag or repo digest that was asked for, null if it was asked for by id
   */
  public record Found(ImageRow image, @Nullable String name) {}

  /**
   * Looks for an image. An id that is whole or so long that it names one image only goes before a
   * name of the same letters.
   *
   * @param nameOrId {@code sha256:HEX}, {@code HEX} or the first digits of it, or a reference
   * @return null when there is no such image here
   * @throws ImageException.InvalidArgument when it is neither an id nor a reference
   */
  public @Nullable Found find(String nameOrId) {
    String digits = nameOrId.startsWith(SHA256) ? nameOrId.substring(SHA256.length()) : nameOrId;
    if (ID.matcher(digits).matches()) {
      List<ImageRow> images = records.findByIdPrefix(SHA256 + digits);
      if (images.size() == 1) {
        return new Found(images.getFirst(), null);
      }
      if (nameOrId.startsWith(SHA256) || digits.length() == 64) {
        return null;
      }
    }
    String name = name(ImageReference.parse(nameOrId));
    ImageRow image = records.findByName(name);
    return image == null ? null : new Found(image, name);
  }

  private static String name(ImageReference reference) {
    Digest digest = reference.digest();
    String tag = reference.repoTag();
    if (digest != null) {
      return reference.repoDigest(digest);
    }
    if (tag == null) {
      throw new IllegalStateException("a reference has a tag or a digest: " + reference);
    }
    return tag;
  }

  public List<ImageRow> list() {
    return records.list();
  }

  /** The whole of an image, its documents read and checked. */
  public Image image(ImageRow row) {
    ImageConfigFile file = configFile(row);
    return new Image(
        row.id(),
        row.repoTags(),
        row.repoDigests(),
        row.sizeBytes(),
        file.config(),
        file.diffIds(),
        row.pinned());
  }

  private ImageConfigFile configFile(ImageRow row) {
    byte[] bytes = content.read(row.manifest().digest());
    ManifestDocument document = ManifestDocument.parse(bytes, row.manifest().mediaType());
    if (!(document instanceof Manifest manifest)) {
      throw new ImageException.Internal("the manifest recorded for " + row.id() + " is an index");
    }
    return ImageConfigFile.parse(content.read(row.id()), manifest);
  }

  /** The bytes of an image's configuration, which are JSON. */
  byte[] configuration(ImageRow row) {
    return content.read(row.id());
  }

  /** As in the CRI. */
  static io.crij.cri.v1.Image message(ImageRow row) {
    io.crij.cri.v1.Image.Builder image =
        io.crij.cri.v1.Image.newBuilder()
            .setId(row.id().toString())
            .addAllRepoTags(row.repoTags())
            .addAllRepoDigests(row.repoDigests())
            .setSize(row.sizeBytes())
            .setPinned(row.pinned());
    setUser(image, row.user());
    return image.build();
  }

  /** "UID and the following user name are mutually exclusive" (api.proto, Image). */
  private static void setUser(io.crij.cri.v1.Image.Builder image, String userAndGroup) {
    int colon = userAndGroup.indexOf(':');
    String user = colon < 0 ? userAndGroup : userAndGroup.substring(0, colon);
    if (user.isEmpty()) {
      return;
    }
    try {
      image.setUid(io.crij.cri.v1.Int64Value.newBuilder().setValue(Long.parseLong(user)).build());
    } catch (NumberFormatException e) {
      image.setUsername(user);
    }
  }
}
