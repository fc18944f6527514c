package io.crij.image;

/** What a layer is on the disk. */
public enum LayerKind {
  /** Its archive as it is, and a small EROFS image of metadata that points into it. */
  EROFS,

  /** Its files, unpacked to a directory. */
  DIRECTORY
}
