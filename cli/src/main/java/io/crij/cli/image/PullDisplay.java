package io.crij.cli.image;

import io.crij.admin.v1.PullImageProgress;
import io.crij.admin.v1.PulledLayer;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Shows how a pull comes on. */
final class PullDisplay {
  private static final int DIGITS = 12;
  private static final int BAR_COLUMNS = 25;
  private static final int MOST_TROUBLE = 120;

  /** What a terminal clears from the cursor to the end of the line for. */
  private static final String CLEAR_LINE = "\u001b[K";

  private final PrintWriter err;
  private final boolean bars;
  private final Map<String, String> said = new HashMap<>();
  private int shownLines;

  /**
   * @param bars whether there is a terminal to draw on
   */
  PullDisplay(PrintWriter err, boolean bars) {
    this.err = err;
    this.bars = bars;
  }

  void show(PullImageProgress progress) {
    if (bars) {
      draw(progress.getLayersList());
    } else {
      say(progress.getLayersList());
    }
  }

  private void draw(List<PulledLayer> layers) {
    StringBuilder text = new StringBuilder();
    if (shownLines > 0) {
      // To the start of the line so many above.
      text.append("\u001b[").append(shownLines).append('F');
    }
    for (PulledLayer layer : layers) {
      text.append(name(layer)).append(' ').append(bar(layer)).append(' ').append(state(layer));
      text.append(CLEAR_LINE).append(System.lineSeparator());
    }
    shownLines = layers.size();
    err.print(text);
    err.flush();
  }

  /** A line whenever a layer's stage is another one. */
  private void say(List<PulledLayer> layers) {
    for (PulledLayer layer : layers) {
      String stage = layer.getStage() + layer.getTrouble();
      boolean isNews = !stage.equals(said.put(layer.getDigest(), stage));
      if (isNews && layer.getStage() != PulledLayer.Stage.WAITING) {
        err.println(name(layer) + " " + state(layer));
      }
    }
  }

  private static String name(PulledLayer layer) {
    String digest = layer.getDigest();
    String hex = digest.substring(digest.indexOf(':') + 1);
    return hex.substring(0, Math.min(DIGITS, hex.length()));
  }

  private static String bar(PulledLayer layer) {
    long size = Math.max(1, layer.getSizeBytes());
    int full = (int) (BAR_COLUMNS * Math.min(size, here(layer)) / size);
    return "[" + "=".repeat(full) + " ".repeat(BAR_COLUMNS - full) + "]";
  }

  private static long here(PulledLayer layer) {
    return switch (layer.getStage()) {
      case DONE, EXISTS -> layer.getSizeBytes();
      case WAITING, DOWNLOADING, RETRYING, UNPACKING, UNRECOGNIZED -> layer.getDownloadedBytes();
    };
  }

  private static String state(PulledLayer layer) {
    String stage = layer.getStage().name().toLowerCase(Locale.ROOT);
    return switch (layer.getStage()) {
      case DONE, EXISTS -> megabytes(layer.getSizeBytes()) + " MB " + stage;
      case RETRYING -> amount(layer) + stage + ": " + trouble(layer);
      case WAITING, DOWNLOADING, UNPACKING, UNRECOGNIZED -> amount(layer) + stage;
    };
  }

  private static String amount(PulledLayer layer) {
    return megabytes(here(layer)) + "/" + megabytes(layer.getSizeBytes()) + " MB ";
  }

  /** What a host said may be anything. */
  private static String trouble(PulledLayer layer) {
    String text = layer.getTrouble().replaceAll("\\p{Cntrl}", "?");
    return text.substring(0, Math.min(MOST_TROUBLE, text.length()));
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
  }

  /** How much came and how much was here. */
  static String summary(PullImageProgress progress) {
    long all = 0;
    long wereHere = 0;
    for (PulledLayer layer : progress.getLayersList()) {
      all += layer.getSizeBytes();
      wereHere += wereHere(layer);
    }
    return megabytes(all - wereHere) + " MB came, " + megabytes(wereHere) + " MB were here";
  }

  /** All of a layer, or the part of it that a pull left which was cut short. */
  private static long wereHere(PulledLayer layer) {
    return switch (layer.getStage()) {
      case EXISTS -> layer.getSizeBytes();
      case DONE, WAITING, DOWNLOADING, RETRYING, UNPACKING, UNRECOGNIZED -> layer.getFoundBytes();
    };
  }
}
