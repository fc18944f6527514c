package io.crij.linux.namespace;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.inet.AddressFamily;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What the thread does that leaves the program's namespaces. Everything it needs is allocated by
 * the constructor, on the thread that starts it; {@link #run} makes system calls, writes fields,
 * wakes its starter (a platform thread), waits to be released, and ends. It must not allocate
 * through JNA, load classes, log, build strings, start threads or wake virtual ones.
 */
final class UnsharedThread implements Runnable {
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final long SIOCGIFFLAGS = 0x8913;
  private static final long SIOCSIFFLAGS = 0x8914;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final short IFF_UP = 1;

  private enum Step {
    UNSHARE,
    JOIN,
    HOSTNAME,
    LOOPBACK,
    SYSCTL,
    SOCKET
  }

  private record NativeSysctl(Memory file, Memory value, long length, boolean optional) {}

  private final Thread starter;
  private final NamespaceRequest request;
  private final int flags;
  private final int[] joined;
  private final boolean network;
  private final int hostnameLength;
  private final Memory hostname;
  private final Memory loopback;
  private final NativeSysctl[] sysctls;
  private final SocketKind[] wantedSockets;
  private final int[] sockets;

  // Written by this thread before it sets done.
  private int tid;
  private int errno;
  private Step step = Step.UNSHARE;
  private int sysctlIndex;

  private volatile boolean done;
  private volatile boolean released;

  /**
   * @param joined descriptors of namespaces to enter instead of new ones, open until the thread is
   *     done; empty: new ones are made
   * @param starter the platform thread that waits
   */
  UnsharedThread(NamespaceRequest request, int[] joined, Thread starter) {
    this(request, joined, new SocketKind[0], starter);
  }

  /**
   * @param wantedSockets to be opened there, {@link #sockets}
   */
  UnsharedThread(
      NamespaceRequest request, int[] joined, SocketKind[] wantedSockets, Thread starter) {
    if (starter.isVirtual()) {
      throw new IllegalArgumentException("a virtual thread must not wait for an unshared one");
    }
    this.starter = starter;
    this.request = request;
    this.joined = joined;
    this.wantedSockets = wantedSockets;
    this.sockets = new int[wantedSockets.length];
    Arrays.fill(sockets, -1);
    this.flags = request.pins().keySet().stream().mapToInt(NamespaceType::cloneFlag).sum();
    this.network = request.pins().containsKey(NamespaceType.NETWORK);
    this.hostname = cString(request.hostname());
    this.hostnameLength = (int) hostname.size() - 1;
    this.loopback = new Memory(IFREQ_SIZE);
    loopback.clear();
    loopback.setString(0, "lo", StandardCharsets.US_ASCII.name());
    List<Sysctl> wanted = request.sysctls();
    this.sysctls = new NativeSysctl[wanted.size()];
    for (int i = 0; i < sysctls.length; i++) {
      Sysctl sysctl = wanted.get(i);
      Memory value = cString(sysctl.value());
      sysctls[i] =
          new NativeSysctl(cString(sysctl.file()), value, value.size() - 1, sysctl.optional());
    }
  }

  private static Memory cString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Memory memory = new Memory(bytes.length + 1L);
    memory.write(0, bytes, 0, bytes.length);
    memory.setByte(bytes.length, (byte) 0);
    return memory;
  }

  @Override
  public void run() {
    tid = Libc.gettid(); // also loads the C functions, before anything is left
    errno = enter();
    done = true;
    LockSupport.unpark(starter);
    while (!released) {
      LockSupport.park(this);
    }
  }

  /** Returns 0 or the errno of {@link #step}. */
  private int enter() {
    step = joined.length == 0 ? Step.UNSHARE : Step.JOIN;
    if (joined.length == 0 && Libc.unshare(flags) != 0) {
      return Native.getLastError();
    }
    for (int namespace : joined) {
      if (Libc.setns(namespace, 0) != 0) {
        return Native.getLastError();
      }
    }
    step = Step.HOSTNAME;
    if (hostnameLength > 0 && Libc.sethostname(hostname, hostnameLength) != 0) {
      return Native.getLastError();
    }
    step = Step.LOOPBACK;
    int failed = network ? loopbackUp() : 0;
    step = Step.SYSCTL;
    for (int i = 0; failed == 0 && i < sysctls.length; i++) {
      sysctlIndex = i;
      failed = write(sysctls[i]);
    }
    return failed == 0 ? openSockets() : failed;
  }

  /** A family that the kernel does not have is left out. */
  private int openSockets() {
    step = Step.SOCKET;
    for (int i = 0; i < sockets.length; i++) {
      SocketKind kind = wantedSockets[i];
      sockets[i] = Libc.socket(kind.family(), kind.type(), kind.protocol());
      if (sockets[i] < 0 && Native.getLastError() != Errno.EAFNOSUPPORT) {
        return Native.getLastError();
      }
    }
    return 0;
  }

  private int loopbackUp() {
    int socket = Libc.socket(AddressFamily.AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) {
      return Native.getLastError();
    }
    int failed = 0;
    if (Libc.ioctl(socket, SIOCGIFFLAGS, loopback) != 0) {
      failed = Native.getLastError();
    } else {
      loopback.setShort(IFREQ_FLAGS, (short) (loopback.getShort(IFREQ_FLAGS) | IFF_UP));
      if (Libc.ioctl(socket, SIOCSIFFLAGS, loopback) != 0) {
        failed = Native.getLastError();
      }
    }
    Libc.close(socket);
    return failed;
  }

  private static int write(NativeSysctl sysctl) {
    int fd = Libc.open(sysctl.file(), Fd.O_WRONLY | Fd.O_NOFOLLOW | Fd.O_CLOEXEC, 0);
    if (fd < 0) {
      int failed = Native.getLastError();
      return sysctl.optional() && failed == Errno.ENOENT ? 0 : failed;
    }
    long written = Libc.write(fd, sysctl.value(), sysctl.length());
    int failed = written < 0 ? Native.getLastError() : 0;
    Libc.close(fd);
    return failed;
  }

  boolean isDone() {
    return done;
  }

  /** The thread's id, once it is done. */
  int tid() {
    return tid;
  }

  /** In the order of those wanted, once it is done; -1 for one that there is not. */
  int[] sockets() {
    return sockets.clone();
  }

  /** Lets the thread end. */
  void release(Thread thread) {
    released = true;
    LockSupport.unpark(thread);
  }

  /**
   * @throws LinuxException when the thread, now done, has failed; names the step
   */
  void check() {
    if (errno == 0) {
      return;
    }
    throw switch (step) {
      case UNSHARE -> new LinuxException("unshare", request.pins().keySet().toString(), errno);
      case JOIN -> new LinuxException("setns", "namespaces that are there", errno);
      case HOSTNAME -> new LinuxException("sethostname", request.hostname(), errno);
      case LOOPBACK -> new LinuxException("bring up", "lo of a new network namespace", errno);
      case SOCKET -> new LinuxException("socket", "in a network namespace", errno);
      case SYSCTL -> {
        Sysctl sysctl = request.sysctls().get(sysctlIndex);
        yield new LinuxException("write \"" + sysctl.value() + "\" to", sysctl.file(), errno);
      }
    };
  }
}
