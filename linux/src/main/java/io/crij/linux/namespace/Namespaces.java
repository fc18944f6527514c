package io.crij.linux.namespace;

import com.sun.jna.Memory;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.mount.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;

/**
 * Namespaces that live without a process: pinned by a bind mount of their file in {@code /proc}.
 *
 * <p>Two platform threads make them: one leaves the program's namespaces ({@link UnsharedThread}),
 * the other, which started it, pins what the first has entered and sees it end. The caller, mostly
 * a virtual thread, waits for the second alone.
 */
public final class Namespaces {
  private static final int NSFS_MAGIC = 0x6e736673;
  private static final long NS_GET_NSTYPE = 0xb703;
  private static final int CLONE_NEWUSER = 0x10000000;
  private static final int STATFS_SIZE = 256;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long END_POLL_NANOS = 50_000;

  private Namespaces() {}

  /**
   * Makes namespaces and pins them. On failure some may already be pinned: {@link #unpin} each.
   *
   * @throws LinuxException naming the step that failed
   */
  public static void create(NamespaceRequest request) {
    onPlatformThread(() -> makeAndPin(request));
  }

  /**
   * Writes kernel parameters of a network namespace.
   *
   * @param network where it is pinned
   * @throws LinuxException naming the parameter
   */
  public static void write(Path network, List<Sysctl> sysctls) {
    if (!sysctls.isEmpty()) {
      NamespaceRequest nothingNew = new NamespaceRequest(Map.of(), "", sysctls);
      onPlatformThread(() -> enter(List.of(network), nothingNew));
    }
  }

  /** Does in namespaces that are pinned what is to be done in new ones. */
  static void enter(List<Path> namespaces, NamespaceRequest request) {
    List<Fd> opened = new ArrayList<>();
    try {
      for (Path file : namespaces) {
        opened.add(Fd.open(file.toString(), Fd.O_RDONLY, 0));
      }
      int[] joined = opened.stream().mapToInt(Fd::number).toArray();
      run(new UnsharedThread(request, joined, Thread.currentThread()), Map.of());
    } finally {
      opened.forEach(Fd::close);
    }
  }

  /**
   * Opens sockets in a network namespace; to be called on a platform thread.
   *
   * @return their numbers in the order of what is wanted, which the caller owns; -1 for a family
   *     that the kernel does not have
   */
  static int[] openSockets(Path network, SocketKind... wanted) {
    NamespaceRequest nothingNew = new NamespaceRequest(Map.of(), "", List.of());
    try (Fd namespace = Fd.open(network.toString(), Fd.O_RDONLY, 0)) {
      UnsharedThread thread =
          new UnsharedThread(
              nothingNew, new int[] {namespace.number()}, wanted, Thread.currentThread());
      run(thread, Map.of());
      return thread.sockets();
    }
  }

  static void onPlatformThread(Runnable work) {
    FutureTask<Boolean> task = new FutureTask<>(work, true);
    Thread.ofPlatform().name("namespaces").daemon(true).start(task);
    boolean interrupted = false;
    while (true) {
      try {
        task.get();
        break;
      } catch (InterruptedException _) {
        interrupted = true; // the work has its own limit, and is not left half done
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException("make namespaces: " + e.getCause(), e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void makeAndPin(NamespaceRequest request) {
    run(new UnsharedThread(request, new int[0], Thread.currentThread()), request.pins());
  }

  /** Runs it to its end, and pins what it has entered. */
  private static void run(UnsharedThread unshared, Map<NamespaceType, Path> pins) {
    Thread thread = Thread.ofPlatform().name("unshared").daemon(true).unstarted(unshared);
    thread.start();
    try {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (!unshared.isDone()) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("make namespaces: no result within " + LIMIT);
        }
        LockSupport.parkNanos(unshared, LIMIT.toNanos());
      }
      unshared.check();
      Path entered = Path.of("/proc/self/task/" + unshared.tid() + "/ns");
      pins.forEach((type, file) -> pin(entered.resolve(type.procName()), file));
    } finally {
      unshared.release(thread);
      awaitEnd(thread, unshared.tid());
    }
  }

  /** Pins what a link of {@code /proc/PID/ns} leads to. */
  static void pin(Path namespace, Path file) {
    try (Fd _ =
        Fd.open(file.toString(), Fd.O_RDONLY | Fd.O_CREAT | Fd.O_EXCL | Fd.O_NOFOLLOW, 0600)) {
      Mounts.bind(namespace, file, false);
    }
  }

  /** Waits until the kernel has no such thread any more: only then is nobody left astray. */
  private static void awaitEnd(Thread thread, int tid) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    boolean interrupted = false;
    while (thread.isAlive() || Files.exists(Path.of("/proc/self/task/" + tid))) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "thread " + tid + " left the program's namespaces and does not end");
      }
      interrupted |= Thread.interrupted();
      LockSupport.parkNanos(END_POLL_NANOS);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether a namespace of this type is pinned at {@code file}: not so when the file is gone, was
   * unmounted, or replaced by anything else.
   */
  public static boolean isPinned(NamespaceType type, Path file) {
    return isPinned(type.cloneFlag(), file);
  }

  /** Whether a user namespace is pinned at {@code file}. */
  public static boolean isUserPinned(Path file) {
    return isPinned(CLONE_NEWUSER, file);
  }

  private static boolean isPinned(int flag, Path file) {
    try (Fd fd = Fd.open(file.toString(), Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
        Memory statfs = new Memory(STATFS_SIZE)) {
      return Libc.fstatfs(fd.number(), statfs) == 0
          && statfs.getLong(0) == NSFS_MAGIC
          && Libc.ioctl(fd.number(), NS_GET_NSTYPE, null) == flag;
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EISDIR, Errno.ENXIO -> false;
        default -> throw e;
      };
    }
  }

  /**
   * Removes a pin, whatever it has become; "already gone" is success. The namespace ends with the
   * last process in it.
   */
  public static void unpin(Path file) {
    boolean mounted = true;
    while (mounted) { // more than one mount can lie on the file
      mounted = Mounts.detach(file);
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + file + ": " + e.getMessage(), e);
    }
  }
}
