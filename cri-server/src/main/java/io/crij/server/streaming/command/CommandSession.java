package io.crij.server.streaming.command;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.monitor.v1.TerminalSize;
import io.crij.runtime.ServiceException;
import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.client.Receiver;
import io.crij.server.streaming.descriptor.Backlog;
import io.crij.server.streaming.descriptor.DescriptorReader;
import io.crij.server.streaming.descriptor.DescriptorWriter;
import io.crij.server.streaming.descriptor.LoopDescriptor;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and one process, connected. All happens on the event loop of the client's connection,
 * but what may take its time: that is done in {@link InTurn}.
 */
final class CommandSession {
  private static final Logger log = LoggerFactory.getLogger(CommandSession.class);

  /** For what the process has left running and has its output open; as with ExecSync. */
  private static final long DRAIN_SECONDS = 5;

  private final CommandStreams streams;
  private final Command command;
  private final boolean keep;
  private final Flow flow;
  private final InTurn inTurn = new InTurn();
  private final DescriptorWriter stdin;
  private final List<LoopDescriptor> descriptors = new ArrayList<>();
  private final List<DescriptorReader> outputs = new ArrayList<>();
  private volatile TerminalSize size = TerminalSize.getDefaultInstance();
  private volatile @Nullable ProcessStreams process;
  private @Nullable Outcome outcome;
  private int openOutputs;
  private boolean gone;
  private volatile boolean over;

  /**
   * @param keep whether the process goes on when the client is gone
   */
  CommandSession(CommandStreams streams, Command command, boolean keep) {
    this.streams = streams;
    this.command = command;
    this.keep = keep;
    this.flow = streams.connection().flow();
    this.stdin = new DescriptorWriter(Backlog.ofCommand(flow), this::stdinEnded, () -> {});
  }

  /** Begins; to be called on the loop. */
  void start() {
    listen(streams.stdin(), stdin);
    listen(streams.resize(), new TerminalSizes(this::resized));
    flow.whenGone(this::clientGone);
    flow.whenStopped(reason -> finish(new Outcome.Failure(reason)));
    inTurn.run(this::startProcess);
  }

  private static void listen(@Nullable ClientStream stream, Receiver receiver) {
    if (stream != null) {
      stream.receiver(receiver);
    }
  }

  private void startProcess() {
    try {
      ProcessStreams started = command.start(size);
      flow.eventLoop().execute(() -> connect(started));
    } catch (ServiceException | LinuxException e) {
      String reason = "error " + command.words() + ": " + e.getMessage();
      log.info("{}", reason);
      flow.eventLoop().execute(() -> finish(new Outcome.Failure(reason)));
    } catch (RuntimeException e) {
      log.error("{} failed unexpectedly", command.words(), e);
      flow.eventLoop().execute(() -> finish(new Outcome.Failure(e.toString())));
    }
  }

  private void connect(ProcessStreams started) {
    process = started;
    Fd input = started.stdin();
    Fd output = started.stdout();
    LoopDescriptor out = output == null ? null : watch(output);
    if (out != null) {
      read(out, streams.stdout());
    }
    Fd errors = started.stderr();
    if (errors != null) {
      read(watch(errors), streams.stderr());
    }
    if (input != null) {
      stdin.open(out != null && input == output ? out : watch(input));
    } else {
      stdin.close();
    }
    if (command.isOnTerminal() && size.getRows() > 0) {
      inTurn.runLatest(this::resize); // to what it has become meanwhile
    }
    if (gone) {
      clientGone();
    }
    var _ = started.end().thenAccept(how -> flow.eventLoop().execute(() -> ended(how)));
  }

  private LoopDescriptor watch(Fd fd) {
    LoopDescriptor descriptor = LoopDescriptor.watch(flow.eventLoop(), fd);
    descriptors.add(descriptor);
    return descriptor;
  }

  private void read(LoopDescriptor descriptor, @Nullable ClientStream stream) {
    openOutputs++;
    DescriptorReader reader =
        new DescriptorReader(descriptor, flow, stream, () -> outputEnded(stream));
    outputs.add(reader);
    reader.start();
  }

  private void outputEnded(@Nullable ClientStream stream) {
    openOutputs--;
    if (stream != null && process != null) {
      stream.finish();
    }
    finishIfDone();
  }

  private void resized(TerminalSize now) {
    size = now;
    if (process != null && command.isOnTerminal()) {
      inTurn.runLatest(this::resize);
    }
  }

  private void resize() {
    ProcessStreams resized = process;
    if (resized != null && !over) {
      try {
        resized.resize(size.getRows(), size.getColumns());
      } catch (ServiceException | LinuxException | IllegalStateException e) {
        log.debug("{}: not resized: {}", command.words(), e.getMessage());
      }
    }
  }

  /** A terminal has no end of its input that a client could send; its user types one. */
  private void stdinEnded() {
    ProcessStreams taking = process;
    if (taking == null || command.isOnTerminal()) {
      return;
    }
    Fd input = taking.stdin();
    descriptors.removeIf(descriptor -> {
      boolean released = input != null && descriptor.watches(input);
      if (released) {
        descriptor.release();
      }
      return released;
    });
    inTurn.run(taking::closeStdin);
  }

  private void ended(Outcome how) {
    outcome = how;
    finishIfDone();
    if (!over) {
      endDrainLater();
    }
  }

  private void endDrainLater() {
    var _ = flow.eventLoop().schedule(this::endDrain, DRAIN_SECONDS, TimeUnit.SECONDS);
  }

  /** Whatever the process itself has written was read by now, unless the client is slow. */
  private void endDrain() {
    if (over) {
      return;
    }
    if (outputs.stream().anyMatch(DescriptorReader::waitsForClient)) {
      endDrainLater();
    } else {
      List.copyOf(outputs).forEach(DescriptorReader::end);
    }
  }

  private void finishIfDone() {
    if (outcome != null && openOutputs == 0) {
      finish(outcome);
    }
  }

  private void finish(Outcome how) {
    if (over) {
      return;
    }
    release();
    ClientStream error = streams.error();
    byte[] status = how.encode(streams.statusFormat());
    if (error != null && status.length > 0) {
      error.write(Unpooled.wrappedBuffer(status));
    }
    streams.connection().end();
  }

  private void clientGone() {
    gone = true;
    if (keep && process != null) {
      stdin.close();
      stdinEnded();
      outputs.forEach(DescriptorReader::drop);
    } else if (!over && process != null) {
      release();
    }
  }

  private void release() {
    over = true;
    stdin.close();
    descriptors.forEach(LoopDescriptor::release);
    ProcessStreams ending = process;
    if (ending != null) {
      inTurn.run(ending::close);
    }
  }
}
