package io.crij.image.pull;

import java.util.Locale;

/** Told at which stage pulls are. Must not fail, and returns at once. */
public interface PullStages {
  /** For who does not want to be told. */
  PullStages NONE =
      () ->
          new Asked() {
            @Override
            public void stage(Stage stage) {
              // As it says.
            }

            @Override
            public void ends(boolean isDone) {
              // As it says.
            }
          };

  /** What is done for a pull, one after the other. */
  enum Stage {
    /** The manifest and the configuration are read. */
    MANIFEST,
    /** Layers, or blobs of an artifact, come and are unpacked. */
    LAYERS,
    /** The image is recorded. */
    COMMIT;

    /** For labels, e.g. {@code manifest}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A pull is asked for: told by the thread of who asks, even if he joins one under way. */
  Asked asked();

  /** One pull, told of by the thread that does it; of a call that joined another, nothing. */
  interface Asked {
    void stage(Stage stage);

    void ends(boolean isDone);
  }
}
