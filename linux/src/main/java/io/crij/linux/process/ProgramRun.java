package io.crij.linux.process;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A program run to its end, bounded in time, of which the beginning of what it writes is kept. One
 * platform thread waits for all of it: waiting in the kernel would hold the carrier of a virtual
 * thread, of which there are as many as processors, and with them every other call.
 */
public final class ProgramRun {
  private static final Duration KILL_TIME = Duration.ofSeconds(10);
  private static final int READ_BYTES = 16 << 10;

  /** Of one stream, before the time is looked at: some write faster than they are read. */
  private static final int READS_A_TURN = 64;

  private static final int POLLFD_BYTES = 8;
  private static final short POLLIN = 1;

  private final ChildProcess child;
  private final ProcessId id;
  private final Limits limits;
  private final Kept output;
  private final Kept error;

  private ProgramRun(ChildProcess child, ProcessId id, Limits limits, Kept output, Kept error) {
    this.child = child;
    this.id = id;
    this.limits = limits;
    this.output = output;
    this.error = error;
  }

  /**
   * @param time after it the program and all it has started are killed
   * @param drain how long, after its end, others may hold its streams
   * @param outputBytes kept of its output; when it writes more it is killed
   * @param errorBytes kept of its standard error; what is more is dropped
   */
  public record Limits(Duration time, Duration drain, int outputBytes, int errorBytes) {}

  /**
   * How it ended, and what it wrote, in UTF-8.
   *
   * @param status null: killed when its time was over
   * @param isCut whether it wrote more than is kept of its output
   * @param isHeld whether something that it left behind holds its streams
   */
  public record Ended(
      @Nullable ExitStatus status, String output, String error, boolean isCut, boolean isHeld) {}

  /** What is kept of one stream, until its end. */
  private static final class Kept {
    private final Fd fd;
    private final int limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean open = true;
    private boolean cut;

    Kept(Fd fd, int limit) {
      this.fd = fd;
      this.limit = limit;
    }

    /** Reads what is there, or a part of it. */
    void read(NativeBuffer buffer) {
      byte[] piece = new byte[READ_BYTES];
      for (int i = 0; i < READS_A_TURN && open; i++) {
        int n = Descriptors.read(fd, buffer, 0, READ_BYTES);
        if (n < 0) {
          return;
        }
        open = n > 0;
        buffer.bytes().get(0, piece, 0, n);
        int kept = Math.min(n, limit - bytes.size());
        bytes.write(piece, 0, kept);
        cut |= kept < n;
      }
    }

    boolean isCut() {
      return cut;
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    int number() {
      return open ? fd.number() : -1;
    }
  }

  /**
   * Runs it. When this returns or throws, it does not run any more; what it has started may, if it
   * ended by itself.
   *
   * @param input its standard input
   * @throws LinuxException when it cannot be started
   * @throws InterruptedException when the caller is; it was killed then
   */
  public static Ended run(Command command, Fd input, Limits limits) throws InterruptedException {
    try (Pipe out = Pipe.open();
        Pipe err = Pipe.open();
        ChildProcess child =
            ChildProcess.start(command, new Stdio(input, out.write(), err.write()))) {
      ProcessId id = child.id();
      // So that the streams end with their last writer.
      out.write().close();
      err.write().close();
      ProgramRun run =
          new ProgramRun(
              child,
              id,
              limits,
              new Kept(out.read(), limits.outputBytes()),
              new Kept(err.read(), limits.errorBytes()));
      return run.await(command.program());
    }
  }

  private Ended await(String program) throws InterruptedException {
    FutureTask<Ended> task = new FutureTask<>(this::follow);
    Thread.ofPlatform().name("run " + program).daemon(true).start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      ProcessTree.kill(id);
      awaitAfterKill(task);
      throw e;
    } catch (ExecutionException e) {
      ProcessTree.kill(id);
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("run " + program + ": " + e.getCause(), e);
    }
  }

  /** The streams are the thread's until it has ended. */
  private static void awaitAfterKill(FutureTask<Ended> task) {
    while (true) {
      try {
        Ended _ = task.get();
        return;
      } catch (InterruptedException _) {
        // It ends: what it waits for was killed, and all its waits have limits.
      } catch (ExecutionException _) {
        return;
      }
    }
  }

  private Ended follow() {
    NativeBuffer buffer = NativeBuffer.allocate(READ_BYTES);
    try (Memory poll = new Memory(3 * POLLFD_BYTES)) {
      ExitStatus status = null;
      long deadline = System.nanoTime() + limits.time().toNanos();
      while (true) {
        output.read(buffer);
        error.read(buffer);
        if (status == null && output.isCut()) {
          ProcessTree.kill(id);
        }
        if (status != null && !output.open && !error.open) {
          return ended(status, false);
        }
        if (!await(poll, status == null ? child.pidfd().fd().number() : -1, deadline)) {
          return status == null ? timedOut() : ended(status, true);
        }
        if (status == null && child.pidfd().hasEnded()) {
          status = child.pidfd().reap();
          deadline = System.nanoTime() + limits.drain().toNanos();
        }
      }
    }
  }

  private Ended timedOut() {
    ProcessTree.kill(id);
    ExitStatus _ = child.await(KILL_TIME);
    return ended(null, false);
  }

  private Ended ended(@Nullable ExitStatus status, boolean held) {
    return new Ended(status, output.text(), error.text(), output.isCut(), held);
  }

  /**
   * Until there is something of one of them.
   *
   * @return false when the deadline has passed, whatever there is
   */
  private boolean await(Memory poll, int process, long deadline) {
    int[] numbers = {process, output.number(), error.number()};
    for (int i = 0; i < numbers.length; i++) {
      // A negative one is not looked at: poll(2).
      poll.setInt((long) i * POLLFD_BYTES, numbers[i]);
      poll.setShort((long) i * POLLFD_BYTES + 4, POLLIN);
      poll.setShort((long) i * POLLFD_BYTES + 6, (short) 0);
    }
    while (true) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      int millis = (int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000);
      int ready = ProcessLibrary.poll(poll, numbers.length, millis);
      if (ready > 0) {
        return true;
      }
      if (ready < 0 && Native.getLastError() != Errno.EINTR) {
        throw LinuxException.last("poll", "process " + id.pid());
      }
    }
  }
}
