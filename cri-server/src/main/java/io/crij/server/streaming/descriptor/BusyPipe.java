package io.crij.server.streaming.descriptor;

import io.crij.linux.LinuxException;
import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Flow;
import io.netty.channel.unix.UnixChannel;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what comes through a busy pipe on to a client's socket without reading it. The parts are to
 * be large, since each costs all three programs time: so it looks by the clock, and is not told of
 * every write.
 */
final class BusyPipe {
  private static final Logger log = LoggerFactory.getLogger(BusyPipe.class);

  /** Half of what a pipe holds by default: with less it is not busy, and read. */
  static final int LEAST_BYTES = 32 << 10;

  /** What a busy one is made to hold. */
  static final int WIDE_BYTES = 512 << 10;

  private static final int FULL_BYTES = WIDE_BYTES / 4 * 3;
  private static final int EMPTY_BYTES = WIDE_BYTES / 4;

  /** Between two looks: until about half of the pipe is full. */
  private static final int SHORTEST_PAUSE_MICROS = 50;

  private static final int LONGEST_PAUSE_MICROS = 400;

  /** Where this process can open no descriptor more: others will be closed. */
  private static final int WITHOUT_DESCRIPTOR_MICROS = 100_000;

  private final LoopDescriptor pipe;
  private final Flow flow;
  private final ClientStream stream;
  private final UnixChannel socket;
  private final Runnable whenQuiet;
  private int pauseMicros = SHORTEST_PAUSE_MICROS;
  private boolean atWork;
  private boolean waitsForClient;
  private boolean parked;
  private boolean stopped;

  /**
   * Of a pipe that was widened.
   *
   * @param socket where the stream's bytes go as they are
   * @param whenQuiet the pipe is to be read again
   */
  BusyPipe(
      LoopDescriptor pipe, Flow flow, ClientStream stream, UnixChannel socket, Runnable whenQuiet) {
    this.pipe = pipe;
    this.flow = flow;
    this.stream = stream;
    this.socket = socket;
    this.whenQuiet = whenQuiet;
  }

  /** Begins if the pipe is busy: then nobody may read from it until it is quiet. */
  boolean begin() {
    if (stopped || pipe.available() < LEAST_BYTES) {
      return false;
    }
    atWork = true;
    pipe.ignoreInput();
    lookLater();
    return true;
  }

  boolean isAtWork() {
    return atWork;
  }

  boolean waitsForClient() {
    return waitsForClient;
  }

  /** Moves no more, and is quiet soon, whether or not the client is there. */
  void stop() {
    stopped = true;
    flow.eventLoop().execute(this::lookIfParked);
  }

  private void lookIfParked() {
    if (parked) {
      parked = false;
      look();
    }
  }

  private void lookLater() {
    waitsForClient = false;
    lookAfter(pauseMicros);
  }

  private void lookAfter(int micros) {
    var _ = flow.eventLoop().schedule(this::look, micros, TimeUnit.MICROSECONDS);
  }

  private void look() {
    if (pipe.isReleased()) {
      return;
    }
    int waits = pipe.available();
    if (stopped || waits < LEAST_BYTES) {
      atWork = false;
      waitsForClient = false;
      pipe.watchInput();
      whenQuiet.run();
      return;
    }
    waitsForClient = true;
    if (!flow.isWritable()) {
      parked = true;
      flow.whenWritable(this::lookIfParked);
      return;
    }
    if (waits > FULL_BYTES) {
      pauseMicros = Math.max(pauseMicros / 2, SHORTEST_PAUSE_MICROS);
    } else if (waits < EMPTY_BYTES) {
      pauseMicros = Math.min(2 * pauseMicros, LONGEST_PAUSE_MICROS);
    }
    pass(waits);
  }

  private void pass(int count) {
    PipePart part;
    try {
      part = pipe.part(count, socket, this::lookLater);
    } catch (LinuxException e) {
      log.debug("a part of a stream waits: {}", e.getMessage());
      lookAfter(WITHOUT_DESCRIPTOR_MICROS);
      return;
    }
    stream.pass(part);
    stream.flush();
  }
}
