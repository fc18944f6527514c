package io.crij.image.work;

/** Whose turn it is first, the most urgent last. */
public enum Priority {
  /** Somebody prepares for later. */
  PREFETCH,
  /** A pod waits for it. */
  NORMAL,
  /** The node itself needs it, as a pause container's image: pinned ones. */
  NODE
}
