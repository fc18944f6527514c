package io.crij.linux.systemd;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The service manager that has started this process and wants to hear of it, by the protocol of
 * sd_notify(3). Where there is none, all of this does nothing. Nothing blocks but {@link #flush};
 * any thread may call.
 */
public final class Systemd implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  /** What a manager that hangs has not taken; beyond it, it hears no more. */
  private static final int MAX_WAITING = 16 * 1024;

  // sd_pid_notify_with_fds(3): ASCII without control characters and colons.
  private static final Pattern NAME = Pattern.compile("[!-9;-~]{1,255}");

  private static final long MICRO_NANOS = 1000;

  private final @Nullable NotifySocket socket;
  private final long pid;
  private final @Nullable Duration watchdog;
  private final Queue<Message> waiting = new ArrayDeque<>();
  private boolean closed;

  private record Message(String text, @Nullable Fd passed) {
    void close() {
      if (passed != null) {
        passed.close();
      }
    }
  }

  private Systemd(@Nullable NotifySocket socket, long pid, @Nullable Duration watchdog) {
    this.socket = socket;
    this.pid = pid;
    this.watchdog = watchdog;
  }

  /**
   * The one that this process's environment names. Programs that are started must not inherit
   * {@code NOTIFY_SOCKET} and {@code WATCHDOG_USEC}.
   */
  public static Systemd of(Map<String, String> environment) {
    long pid = ProcessHandle.current().pid();
    String name = environment.get("NOTIFY_SOCKET");
    NotifySocket socket = name == null ? null : NotifySocket.open(name);
    return new Systemd(socket, pid, socket == null ? null : watchdog(environment, pid));
  }

  private static @Nullable Duration watchdog(Map<String, String> environment, long pid) {
    String forPid = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    if (!forPid.equals(Long.toString(pid)) || !micros.matches("[1-9][0-9]{0,15}")) {
      return null;
    }
    return Duration.ofNanos(Long.parseLong(micros) * MICRO_NANOS);
  }

  /** Whether there is one. */
  public boolean isPresent() {
    return socket != null;
  }

  /** How often {@link #alive} has to be said, which is twice in the time allowed; null: never. */
  public @Nullable Duration watchdogInterval() {
    return watchdog == null ? null : watchdog.dividedBy(2);
  }

  /** The service does what it is for. */
  public void ready(String status) {
    send("READY=1\nMAINPID=" + pid + "\nSTATUS=" + line(status), null);
  }

  /** The service is about to become another program, or to read its settings; then it is ready. */
  public void reloading(String status) {
    // The clock of CLOCK_MONOTONIC, which the JDK's is on Linux.
    long micros = System.nanoTime() / MICRO_NANOS;
    send("RELOADING=1\nMONOTONIC_USEC=" + micros + "\nSTATUS=" + line(status), null);
  }

  public void stopping() {
    send("STOPPING=1", null);
  }

  /** A line for people who ask for the service's status. */
  public void status(String status) {
    send("STATUS=" + line(status), null);
  }

  /** It has not hung. */
  public void alive() {
    send("WATCHDOG=1", null);
  }

  /**
   * Gives a descriptor into keeping: after this process has died, the next one of the service gets
   * it. One that is kept already is not kept twice. It is kept when it hangs up, too.
   *
   * @param name at most 255 characters, for {@link #unstore} and for the next process
   */
  public void store(String name, Fd fd) {
    if (isPresent()) {
      send("FDSTORE=1\nFDNAME=" + name(name) + "\nFDPOLL=0", Descriptors.duplicate(fd));
    }
  }

  /** Has the descriptors of this name dropped; there may be none. */
  public void unstore(String name) {
    send("FDSTOREREMOVE=1\nFDNAME=" + name(name), null);
  }

  private static String name(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a name of a descriptor: " + name);
    }
    return name;
  }

  private static String line(String text) {
    return text.replace('\n', ' ');
  }

  private synchronized void send(String text, @Nullable Fd passed) {
    var message = new Message(text, passed);
    if (socket == null || closed || waiting.size() >= MAX_WAITING) {
      message.close();
      return;
    }
    waiting.add(message);
    boolean _ = trySend();
  }

  /** Sends what waits because the manager had no room; false when it still has none. */
  public synchronized boolean trySend() {
    Message next;
    while (socket != null && (next = waiting.peek()) != null) {
      try {
        if (!socket.send(next.text().getBytes(StandardCharsets.UTF_8), next.passed())) {
          return false;
        }
      } catch (LinuxException _) {
        // It does not listen: there is nobody to be told, and no cure.
      }
      waiting.remove().close();
    }
    return true;
  }

  /** Blocks until all was sent, or until {@code limit} has passed; for platform threads. */
  public void flush(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      while (!trySend() && System.nanoTime() < deadline) {
        Thread.sleep(LOOK_AGAIN);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    waiting.forEach(Message::close);
    waiting.clear();
    if (socket != null) {
      closed = true;
      socket.close();
    }
  }
}
