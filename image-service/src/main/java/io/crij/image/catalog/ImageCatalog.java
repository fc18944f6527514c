package io.crij.image.catalog;

import io.crij.image.ImageException;
import io.crij.image.content.ContentStore;
import io.crij.image.manifest.ImageConfigFile;
import io.crij.image.manifest.Manifest;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.name.Quoted;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.registry.conf.ShortNames;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds images by id, short id, tag or digest. */
public final class ImageCatalog {
  private static final String SHA256 = "sha256:";

  /** Fewer digits are taken for a name, as the containers libraries do. */
  private static final Pattern ID = Pattern.compile("[0-9a-f]{3,64}");

  /** A kubelet that is to keep root out refuses what is no number. */
  private static final Pattern UID = Pattern.compile("[0-9]{1,18}");

  private static final int WHOLE_ID = 64;

  private final ImageRecords records;
  private final ContentStore content;
  private final ImageConfigs configs;
  private final PinnedImages pinned;
  private final ShortNames shortNames;

  public ImageCatalog(
      ImageRecords records, ContentStore content, PinnedImages pinned, ShortNames shortNames) {
    this.records = records;
    this.content = content;
    this.configs = new ImageConfigs(content);
    this.pinned = pinned;
    this.shortNames = shortNames;
  }

  /**
   * An image and how it was asked for.
   *
   * @param name its tag or repo digest that was asked for, null if it was asked for by id
   */
  public record Found(ImageRow image, @Nullable String name) {}

  /**
   * Looks for a whole image. An id that is whole or so long that it names one image only goes
   * before a name of the same letters.
   *
   * @param nameOrId {@code sha256:HEX}, {@code HEX} or the first digits of it, or a reference
   * @return null when there is no such image here, or not the whole of it
   * @throws ImageException.InvalidArgument when it is neither an id nor a reference, or the first
   *     digits of several ids
   */
  public @Nullable Found find(String nameOrId) {
    Found found = findAny(nameOrId);
    return found == null || !found.image().isWhole() ? null : found;
  }

  /** As {@link #find}, also an image of which something is lost or damaged. */
  @Nullable Found findAny(String nameOrId) {
    boolean prefixed = nameOrId.startsWith(SHA256);
    String digits = prefixed ? nameOrId.substring(SHA256.length()) : nameOrId;
    boolean ambiguous = false;
    if (ID.matcher(digits).matches()) {
      List<ImageRow> images = records.findByIdPrefix(SHA256 + digits);
      if (images.size() == 1) {
        return new Found(images.getFirst(), null);
      }
      ambiguous = images.size() > 1;
      if (!ambiguous && (prefixed || digits.length() == WHOLE_ID)) {
        return null;
      }
    }
    Found named = prefixed ? null : findByName(nameOrId);
    if (named == null && ambiguous) {
      throw new ImageException.InvalidArgument(
          "several images have ids that begin with " + Quoted.of(digits));
    }
    return named;
  }

  private @Nullable Found findByName(String name) {
    for (ImageReference candidate : shortNames.candidates(name)) {
      Found found = findByName(candidate);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Found findByName(ImageReference reference) {
    Digest digest = reference.digest();
    String tag = reference.repoTag();
    if (digest != null) {
      String name = reference.repoDigest(digest);
      return found(records.findByDigest(name), name);
    }
    if (tag == null) {
      throw new IllegalStateException("a reference has a tag or a digest: " + reference);
    }
    return found(records.findByTag(tag), tag);
  }

  private static @Nullable Found found(@Nullable ImageRow image, String name) {
    return image == null ? null : new Found(image, name);
  }

  /** The whole images. */
  public List<ImageRow> list() {
    return records.list().stream().filter(ImageRow::isWhole).toList();
  }

  /** Whether an image is to be kept when space is needed, or cannot be removed. */
  public boolean isPinned(ImageRow image) {
    return pinned.contains(image) || !image.isOwn();
  }

  /**
   * The whole of an image, its documents read and checked.
   *
   * @throws ImageException.FailedPrecondition when it is an artifact
   */
  public Image image(ImageRow row) {
    if (row.kind() == ImageRow.Kind.ARTIFACT) {
      throw new ImageException.FailedPrecondition(
          "artifact " + Image.shownId(row.id()) + " is no image of containers");
    }
    ImageConfigFile file = configs.of(row);
    return new Image(
        row.id(),
        row.repoTags(),
        row.repoDigests(),
        row.sizeBytes(),
        file.platform(),
        file.config(),
        file.diffIds(),
        isPinned(row));
  }

  /** The manifest of an image, read and checked. */
  public Manifest manifest(ImageRow row) {
    return configs.manifest(row);
  }

  /** The bytes of an image's configuration, or of an artifact's manifest, which are JSON. */
  byte[] configuration(ImageRow row) {
    return content.read(row.id());
  }

  /** As in the CRI. */
  io.crij.cri.v1.Image message(ImageRow row) {
    io.crij.cri.v1.Image.Builder image =
        io.crij.cri.v1.Image.newBuilder()
            .setId(Image.shownId(row.id()))
            .addAllRepoTags(row.repoTags())
            .addAllRepoDigests(row.repoDigests())
            .setSize(row.sizeBytes())
            .setPinned(isPinned(row));
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
    if (UID.matcher(user).matches()) {
      image.setUid(io.crij.cri.v1.Int64Value.newBuilder().setValue(Long.parseLong(user)).build());
    } else {
      image.setUsername(user);
    }
  }
}
