package io.crij.monitor.log.journald;

import io.crij.linux.LinuxException;
import io.crij.linux.systemd.JournalSocket;
import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.framing.FramedLines;
import io.crij.monitor.loop.StderrLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies the lines of a log to the journal. The file is what counts: what the journal has no room
 * for at the moment is not there, and the container never waits for it.
 */
public final class JournalCopy implements AutoCloseable {
  private static final byte NEWLINE = '\n';

  /** How long a journal that is not there is left alone. */
  private static final long RETRY_NANOS = 1_000_000_000L;

  // syslog(3), as conmon has them.
  private static final String INFO = "6";
  private static final String ERROR = "3";

  private final String socketPath;
  private final byte[] fields;
  private @Nullable JournalSocket socket;
  private long retryAtNanos = System.nanoTime();
  private boolean failing;

  /**
   * @param fields {@code NAME=value}, of each line
   */
  public JournalCopy(List<String> fields) {
    this(fields, JournalSocket.PATH);
  }

  JournalCopy(List<String> fields, String socketPath) {
    this.socketPath = socketPath;
    this.fields = (String.join("\n", fields) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Copies lines that were logged. */
  public void add(FramedLines lines) {
    if (failing && System.nanoTime() - retryAtNanos < 0) {
      return;
    }
    ByteBuffer all = ByteBuffer.allocate(lines.bytes());
    lines.copyTo(all);
    try {
      JournalSocket to = open();
      int at = 0;
      while (at < all.capacity()) {
        int end = at;
        while (all.get(end) != NEWLINE) {
          end++;
        }
        send(to, CriFramer.line(all, at, end));
        at = end + 1;
      }
      failing = false;
    } catch (LinuxException e) {
      fail(e);
    }
  }

  private JournalSocket open() {
    JournalSocket open = socket;
    if (open == null) {
      open = JournalSocket.open(socketPath);
      socket = open;
    }
    return open;
  }

  private void send(JournalSocket to, CriFramer.Line line) {
    String known =
        "PRIORITY="
            + (line.isError() ? ERROR : INFO)
            + (line.isPart() ? "\nCONTAINER_PARTIAL_MESSAGE=true\n" : "\n");
    boolean _ = to.send(known.getBytes(StandardCharsets.US_ASCII), fields, line.content());
  }

  private void fail(LinuxException reason) {
    retryAtNanos = System.nanoTime() + RETRY_NANOS;
    if (!failing) {
      failing = true;
      StderrLog.failure("a log is not copied to the journal", reason);
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
