package io.crij.server.streaming.descriptor;

import io.crij.server.streaming.client.Flow;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent on the streams of a connection and nobody has taken yet. Above a bound the
 * client is not read from, on none of its streams: Kubernetes' clients of SPDY send without windows
 * by stream. Used on the connection's event loop alone.
 */
public final class Backlog {
  private static final int COMMAND_BYTES = 256 << 10;
  private static final int CONNECTIONS_BYTES = 2 << 20;

  /** However short they are: each piece costs more than its bytes. */
  private static final int MOST_PIECES = 4096;

  /** For the client to be read from again: this part of what stopped it. */
  private static final int RESUMED_AT = 4;

  private final Flow flow;
  private final int mostBytes;
  private final @Nullable Duration patience;
  private final Set<DescriptorWriter> waiting = new LinkedHashSet<>();
  private long bytes;
  private int pieces;
  private boolean pausing;
  private @Nullable ScheduledFuture<?> look;

  private Backlog(Flow flow, int mostBytes, @Nullable Duration patience) {
    this.flow = flow;
    this.mostBytes = mostBytes;
    this.patience = patience;
  }

  /** Of the one input of a command: it is waited for without end. */
  public static Backlog ofCommand(Flow flow) {
    return new Backlog(flow, COMMAND_BYTES, null);
  }

  /**
   * Of connections that share a client's one: when it is full, those are given up that take nothing
   * for some time, since the client is not heard any more on the others.
   */
  public static Backlog ofConnections(Flow flow, Duration patience) {
    return new Backlog(flow, CONNECTIONS_BYTES, patience);
  }

  void added(DescriptorWriter writer, int count) {
    waiting.add(writer);
    bytes += count;
    pieces++;
  }

  void taken(int count) {
    bytes -= count;
  }

  void pieceTaken() {
    pieces--;
  }

  void emptied(DescriptorWriter writer) {
    waiting.remove(writer);
  }

  /** Reads from the client, or does not; to be called after each change. */
  void adjustReading() {
    if (!pausing && (bytes > mostBytes || pieces > MOST_PIECES)) {
      pausing = true;
      flow.pause();
      waiting.forEach(DescriptorWriter::hasTaken);
      lookLater();
    } else if (pausing && bytes < mostBytes / RESUMED_AT && pieces <= MOST_PIECES / RESUMED_AT) {
      pausing = false;
      flow.resume();
      if (look != null) {
        look.cancel(false);
      }
    }
  }

  private void lookLater() {
    if (patience != null) {
      look =
          flow.eventLoop()
              .schedule(this::giveUpWhoTakesNothing, patience.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void giveUpWhoTakesNothing() {
    for (DescriptorWriter writer : List.copyOf(waiting)) {
      if (!writer.hasTaken()) {
        writer.giveUp();
      }
    }
    if (pausing) {
      lookLater();
    }
  }
}
