package io.crij.image.changeset;

import io.crij.image.LayerKind;
import io.crij.linux.tree.BytePath;
import java.util.Set;

/**
 * What was made of a layer's archive.
 *
 * @param diskBytes it takes
 * @param inodes it takes
 * @param implied folders that the archive has only because something is in them, with the root if
 *     the archive does not describe it
 */
public record LayerContents(LayerKind kind, long diskBytes, long inodes, Set<BytePath> implied) {
  public LayerContents {
    implied = Set.copyOf(implied);
  }
}
