package io.crij.image.manifest;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import java.util.List;

/**
 * The configuration of an image (OCI image specification, config.md).
 *
 * @param platform what the image was built for
 * @param config the defaults for its containers
 * @param diffIds digests of the uncompressed layers, lowest first
 */
public record ImageConfigFile(Platform platform, ImageConfig config, List<Digest> diffIds) {
  public ImageConfigFile {
    diffIds = List.copyOf(diffIds);
  }

  /**
   * Reads the configuration that a manifest names.
   *
   * @throws ImageException.FailedPrecondition if the bytes are not what the manifest describes, are
   *     malformed, or name another number of layers than the manifest
   */
  public static ImageConfigFile parse(byte[] bytes, Manifest manifest) {
    manifest.config().verify(bytes);
    JsonObject json = JsonObject.parse(bytes, "image configuration");
    JsonObject rootfs = json.object("rootfs");
    if (!rootfs.text("type").equals("layers")) {
      throw rootfs.malformed("type", "not \"layers\"");
    }
    List<Digest> diffIds = rootfs.digests("diff_ids");
    if (diffIds.size() != manifest.layers().size()) {
      throw rootfs.malformed(
          "diff_ids",
          "%d, but the manifest has %d layers".formatted(diffIds.size(), manifest.layers().size()));
    }
    return new ImageConfigFile(
        Platform.read(json), ImageConfig.read(json.optionalObject("config")), diffIds);
  }
}
