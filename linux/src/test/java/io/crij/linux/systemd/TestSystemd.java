package io.crij.linux.systemd;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import io.crij.linux.io.UnixSocket;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessWithDescriptors;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does for a service in tests what systemd does: listens to it (sd_notify(3)), keeps its
 * descriptors, and gives them to the next process that it starts. What it keeps stays kept then;
 * what is kept already is not kept twice; what hangs up is dropped, unless the service forbids it.
 */
public final class TestSystemd implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 0x80002;
  private static final int MAX_MESSAGE = 4096;
  private static final int KCMP_FILE = 0;
  private static final long KCMP = System.getProperty("os.arch").equals("amd64") ? 312 : 272;

  static {
    Native.register(TestSystemd.class, "c");
  }

  private record Stored(String name, Fd fd, boolean isPolled) {}

  private final String address;
  private final UnixSocket socket;
  private final Thread listener;
  private final List<Stored> store = new ArrayList<>();
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  private static native int bind(int fd, Pointer address, int length);

  private static native long syscall(long number, long a, long b, long c, long d, long e);

  private TestSystemd(String address, Fd fd) {
    this.address = address;
    this.socket = UnixSocket.owning(fd);
    this.listener = Thread.ofPlatform().daemon().start(this::listen);
  }

  /** Listens at a path. */
  public static TestSystemd at(Path path) {
    return at(path.toString());
  }

  /** Listens at a path, or at an abstract name that begins with {@code @}. */
  public static TestSystemd at(String address) {
    byte[] name = address.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = address.startsWith("@");
    Fd fd = Fd.owning(NotifyLibrary.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
    try (Memory native_ = new Memory(Short.BYTES + name.length + (isAbstract ? 0 : 1))) {
      native_.clear();
      native_.setShort(0, (short) AF_UNIX);
      native_.write(Short.BYTES, name, 0, name.length);
      if (isAbstract) {
        native_.setByte(Short.BYTES, (byte) 0);
      }
      if (bind(fd.number(), native_, (int) native_.size()) != 0) {
        throw LinuxException.last("bind", address);
      }
    }
    return new TestSystemd(address, fd);
  }

  private void listen() {
    NativeBuffer buffer = NativeBuffer.allocate(MAX_MESSAGE);
    while (!closed) {
      List<Fd> passed = new ArrayList<>();
      int n = socket.receive(buffer, 0, MAX_MESSAGE, passed);
      if (n > 0) {
        byte[] text = new byte[n];
        buffer.bytes().get(0, text);
        received(new String(text, StandardCharsets.UTF_8), passed);
      } else {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void received(String message, List<Fd> passed) {
    Map<String, String> values = new TreeMap<>();
    for (String line : message.split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    String name = values.getOrDefault("FDNAME", "stored");
    if (values.containsKey("FDSTORE")) {
      boolean isPolled = !"0".equals(values.get("FDPOLL"));
      passed.forEach(fd -> store(new Stored(name, fd, isPolled)));
    } else {
      passed.forEach(Fd::close);
    }
    if (values.containsKey("FDSTOREREMOVE")) {
      store.removeIf(stored -> stored.name().equals(name) && close(stored));
    }
    messages.add(message);
  }

  private void store(Stored added) {
    if (store.stream().anyMatch(s -> isSame(s.fd(), added.fd()))) {
      added.fd().close();
    } else {
      store.add(added);
    }
  }

  private static boolean isSame(Fd a, Fd b) {
    long pid = ProcessHandle.current().pid();
    return syscall(KCMP, pid, pid, KCMP_FILE, a.number(), b.number()) == 0;
  }

  private static boolean close(Stored stored) {
    stored.fd().close();
    return true;
  }

  /** The next message with this line; null if none comes in time. */
  public @Nullable String await(String line, int seconds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    String message;
    while ((message = messages.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) != null) {
      if (List.of(message.split("\n")).contains(line)) {
        return message;
      }
    }
    return null;
  }

  /** Names of what is kept, in the order it came. */
  public synchronized List<String> stored() {
    return store.stream().map(Stored::name).toList();
  }

  /** Where it listens, as {@code NOTIFY_SOCKET} says it. */
  public String address() {
    return address;
  }

  /**
   * Starts the service, or starts it again.
   *
   * @param watchdogMillis 0 for none
   */
  public synchronized Pidfd start(
      List<String> command, List<String> environment, Fd output, long watchdogMillis) {
    store.removeIf(s -> s.isPolled() && Pipe.isHungUp(s.fd()) && close(s));
    List<String> variables = new ArrayList<>(environment);
    variables.add("NOTIFY_SOCKET=" + address);
    if (watchdogMillis > 0) {
      variables.add("WATCHDOG_USEC=" + watchdogMillis * 1000);
    }
    variables.add("LISTEN_FDS=" + store.size());
    variables.add("LISTEN_FDNAMES=" + String.join(":", stored()));
    // The process knows its number before it is the service.
    List<String> arguments =
        new ArrayList<>(
            List.of("/bin/sh", "-c", "export LISTEN_PID=$$ WATCHDOG_PID=$$; exec \"$@\"", "sh"));
    arguments.addAll(command);
    List<Fd> descriptors = store.stream().map(Stored::fd).toList();
    return ProcessWithDescriptors.start(arguments, variables, output, descriptors);
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    socket.close();
    if (address.startsWith("/")) {
      boolean _ = new File(address).delete();
    }
    synchronized (this) {
      store.forEach(TestSystemd::close);
      store.clear();
    }
  }
}
