package io.crij.monitor.figures;

import io.crij.monitor.v1.FiguresReply;
import java.util.concurrent.atomic.LongAdder;

/** What became of the output of all containers; any thread may count. */
public final class LogFigures {
  private final LongAdder logged = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** Output of a container is in its log. */
  public void logged(long bytes) {
    logged.add(bytes);
  }

  /** Output of a container is in no log. */
  public void dropped(long bytes) {
    dropped.add(bytes);
  }

  public FiguresReply reply() {
    return FiguresReply.newBuilder()
        .setLoggedBytes(logged.sum())
        .setDroppedBytes(dropped.sum())
        .build();
  }
}
