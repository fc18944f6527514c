package io.crij.runtime.names;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Told of the stages of all that is made. Must not fail, and returns at once. */
public interface StageWatch {
  /** For who does not want to be told. */
  StageWatch NONE = new StageWatches(List.of());

  /** A request begins to be carried out: told by its caller's thread. */
  Making begins();

  /** A caller left while the request was still at this stage. */
  void stalled(Stage stage);

  /** One request, told of by the thread that carries it out. */
  interface Making {
    void stage(Stage stage);

    /**
     * @param failure null when it was made
     */
    void ends(@Nullable Throwable failure);
  }
}
