package io.crij.image.progress;

/** Where a layer stands on its way to the node. */
public enum Stage {
  /** For its turn: so many are fetched and made at the same time. */
  WAITING,
  /** Its bytes come, and are unpacked as they come. */
  DOWNLOADING,
  /** A host failed; it is asked again, or another one. */
  RETRYING,
  /** All its bytes have come. */
  UNPACKING,
  /** It was made. */
  DONE,
  /** It was here before. */
  EXISTS
}
