package io.crij.image.unpack;

import io.crij.linux.tree.BytePath;
import java.util.Set;

/**
 * What unpacking a layer made.
 *
 * @param diskBytes of its files, in whole blocks of the file system
 * @param inodes made
 * @param implied folders that the archive has only because something is in them, with the root if
 *     the archive does not describe it
 */
record LayerContents(long diskBytes, long inodes, Set<BytePath> implied) {
  LayerContents {
    implied = Set.copyOf(implied);
  }
}
