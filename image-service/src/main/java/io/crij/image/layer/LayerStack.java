package io.crij.image.layer;

import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The layers of an image on top of each other, as overlayfs will show them. */
final class LayerStack implements AutoCloseable {
  private record Level(Tree tree, Set<BytePath> implied) {}

  /** From the topmost down. */
  private final List<Level> levels = new ArrayList<>();

  /**
   * Opens layers.
   *
   * @param layers lowest first
   */
  static LayerStack open(List<Layer> layers) throws IOException {
    LayerStack stack = new LayerStack();
    try {
      for (Layer layer : layers.reversed()) {
        Set<BytePath> implied = new HashSet<>(layer.files().implied());
        stack.levels.add(new Level(layer.open(), implied));
      }
      return stack;
    } catch (IOException | RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /** The folders that would show other attributes than the layer that describes them says. */
  Set<BytePath> misshown() {
    Set<BytePath> misshown = new LinkedHashSet<>();
    for (Level level : levels.subList(0, Math.max(0, levels.size() - 1))) {
      for (BytePath path : level.implied) {
        StackedFolder shown = find(path, false);
        StackedFolder meant = find(path, true);
        if (shown != null && meant != null && !shown.looksLike(meant)) {
          misshown.add(path);
        }
      }
    }
    return misshown;
  }

  /** The folder as the image means it; as it is shown if no layer describes it. */
  @Nullable StackedFolder meant(BytePath path) {
    StackedFolder described = find(path, true);
    return described != null ? described : find(path, false);
  }

  private @Nullable StackedFolder find(BytePath path, boolean described) {
    for (Level level : levels) {
      switch (StackedFolder.look(level.tree, path)) {
        case StackedFolder.Look.Absent _ -> {}
        case StackedFolder.Look.Hidden _ -> {
          return null;
        }
        case StackedFolder.Look.There(StackedFolder folder) -> {
          if (!described || !level.implied.contains(path)) {
            return folder;
          }
          if (folder.hidesLower()) {
            return null;
          }
        }
      }
    }
    return null;
  }

  @Override
  public void close() {
    levels.forEach(level -> level.tree.close());
  }
}
