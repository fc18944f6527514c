package io.crij.image.registry;

import io.crij.image.manifest.ManifestDocument;
import io.crij.image.name.Digest;

/**
 * A manifest or index as it was served, verified.
 *
 * @param digest computed from the bytes
 * @param bytes as the registry sent them, to be stored unchanged
 * @param document what they say
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to one owner, never compared
public record FetchedManifest(Digest digest, byte[] bytes, ManifestDocument document) {
  public String mediaType() {
    return document.mediaType();
  }

  /** In bytes. */
  public long size() {
    return bytes.length;
  }
}
