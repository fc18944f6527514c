package io.crij.image.changeset;

import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Name;
import java.io.IOException;

/**
 * The files of a layer being made, told in the archive's order. Links on the way to a path are
 * followed with the layer as their root, and folders that are missing on it are made; they are
 * implied until the archive describes them. Whatever the target is made of, the same calls lead to
 * the same files, and what cannot be made fails as the kernel would fail it: with a {@link
 * LinuxException}.
 */
public interface ChangesetTarget {
  /** Gives the root its attributes. */
  void describeRoot(TarEntry entry);

  /**
   * Makes an entry, in place of what an earlier one left there, except that a folder stays one.
   *
   * @param path not the root
   */
  void make(BytePath path, TarEntry entry, TarReader content) throws IOException;

  /** Hides {@code name} in the layers below; what this layer itself has of that name stays. */
  void hide(BytePath folder, Name name);

  /** Hides what the layers below have in {@code folder}. */
  void hideAll(BytePath folder);

  /** Nothing more comes. */
  LayerContents finish() throws IOException;
}
