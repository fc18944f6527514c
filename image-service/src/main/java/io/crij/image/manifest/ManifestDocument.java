package io.crij.image.manifest;

import io.crij.image.ImageException;
import io.crij.image.name.Quoted;
import org.jspecify.annotations.Nullable;

/** What a registry serves under {@code /manifests/}: one image, or a list of them. */
public sealed interface ManifestDocument permits Manifest, Index {
  /** The media type that document, transport and descriptor agree on. */
  String mediaType();

  /**
   * Reads a manifest or index. Which of the two it is must be beyond doubt (CVE-2021-41190): the
   * given type, the document's own {@code mediaType} if it has one, and its fields must agree.
   *
   * @param mediaType what the descriptor or, for a tag, the registry says; null if it says nothing
   * @throws ImageException.FailedPrecondition naming the field at fault
   */
  static ManifestDocument parse(byte[] bytes, @Nullable String mediaType) {
    JsonObject json = JsonObject.parse(bytes, "manifest");
    String own = json.optionalText("mediaType");
    String type = mediaType == null ? own : mediaType;
    if (type == null) {
      throw json.malformed("neither the registry nor the document says its media type");
    }
    if (own != null && !own.equals(type)) {
      throw json.malformed("mediaType", "%s, but served as %s".formatted(Quoted.of(own), type));
    }
    if (json.has("schemaVersion") && json.number("schemaVersion") == 1) {
      throw json.malformed(
          "schemaVersion", "Docker schema 1 is not supported, push it as schema 2");
    }
    if (!json.has("schemaVersion") || json.number("schemaVersion") != 2) {
      throw json.malformed("schemaVersion", "not 2; only OCI and Docker schema 2 are supported");
    }
    if (MediaType.isManifest(type)) {
      refuse(json, "manifests");
      return Manifest.read(json, type);
    }
    if (MediaType.isIndex(type)) {
      refuse(json, "layers");
      refuse(json, "config");
      return Index.read(json, type);
    }
    throw json.malformed("unsupported media type " + Quoted.of(type));
  }

  private static void refuse(JsonObject json, String field) {
    if (json.names().contains(field)) {
      throw json.malformed(field, "belongs to another kind of document");
    }
  }
}
