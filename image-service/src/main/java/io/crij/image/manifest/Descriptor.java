package io.crij.image.manifest;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.image.name.Quoted;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where content is, what it is and how long (OCI image specification, descriptor.md). The {@code
 * urls} of a descriptor are not kept: content comes from the registry only.
 *
 * @param mediaType the format of the content
 * @param size in bytes
 * @param platform for the entries of an index; null if it says nothing
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    @Nullable Platform platform,
    Map<String, String> annotations) {
  public Descriptor {
    if (size < 0 || !MediaType.isWellFormed(mediaType)) {
      throw new ImageException.InvalidArgument(
          "descriptor of %s: malformed media type %s or size %d"
              .formatted(digest, Quoted.of(mediaType), size));
    }
    annotations = Map.copyOf(annotations);
  }

  /** A descriptor of content without platform and annotations. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, null, Map.of());
  }

  /**
   * Checks that these bytes are what is described.
   *
   * @throws ImageException.FailedPrecondition if length or digest differ
   */
  public void verify(byte[] content) {
    if (content.length != size) {
      throw new ImageException.FailedPrecondition(
          "%s has %d bytes where its descriptor says %d".formatted(digest, content.length, size));
    }
    if (!digest.matches(content)) {
      throw new ImageException.FailedPrecondition(
          "content of %s has the digest %s".formatted(digest, digest.algorithm().of(content)));
    }
  }

  static Descriptor read(JsonObject json) {
    String mediaType = json.text("mediaType");
    if (!MediaType.isWellFormed(mediaType)) {
      throw json.malformed("mediaType", "malformed media type " + Quoted.of(mediaType));
    }
    long size = json.number("size");
    if (size < 0) {
      throw json.malformed("size", "negative: " + size);
    }
    JsonObject platform = json.optionalObject("platform");
    return new Descriptor(
        mediaType,
        json.digest("digest"),
        size,
        platform == null ? null : Platform.read(platform),
        json.textMap("annotations"));
  }
}
