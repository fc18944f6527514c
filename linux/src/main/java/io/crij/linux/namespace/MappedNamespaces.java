package io.crij.linux.namespace;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Pipe;
import io.crij.linux.mount.Mounts;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.Stdio;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A user namespace and the namespaces that it owns, pinned.
 *
 * <p>A program of many threads cannot leave its user namespace (unshare(2), EINVAL), so a child
 * does it: unshare(1), which becomes a cat(1) that waits at a pipe until we have what we want, or
 * are gone.
 */
public final class MappedNamespaces {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(1);
  private static final List<Path> FOLDERS = List.of(Path.of("/usr/bin"), Path.of("/bin"));

  private MappedNamespaces() {}

  /**
   * What to make.
   *
   * @param pin the file to pin the user namespace at
   * @param others the namespaces it owns
   */
  public record Request(IdMapping uids, IdMapping gids, Path pin, NamespaceRequest others) {}

  /**
   * Makes and pins them. On failure some may already be pinned: {@link Namespaces#unpin} each.
   *
   * @throws LinuxException naming the step that failed
   */
  public static void create(Request request) {
    Namespaces.onPlatformThread(() -> {
      inside(request, process -> pin(request, process));
      NamespaceRequest others = request.others();
      Namespaces.enter(List.copyOf(others.pins().values()), others);
    });
  }

  /** Whether folders of the file system of {@code folder} can be shown with other owners. */
  public static boolean canShow(Path folder) {
    IdMapping one = new IdMapping(0, 1);
    Request request = new Request(one, one, folder, new NamespaceRequest(Map.of(), "", List.of()));
    boolean[] can = new boolean[1];
    try {
      Namespaces.onPlatformThread(() ->
          inside(
              request,
              process -> {
                try (Fd namespace = Fd.open(process.resolve("user").toString(), Fd.O_RDONLY, 0)) {
                  can[0] = Mounts.canMap(folder, namespace);
                }
              }));
    } catch (LinuxException | UncheckedIOException _) {
      return false;
    }
    return can[0];
  }

  /** What is done with the folder of namespaces in {@code /proc/PID} while the child waits. */
  private interface Work {
    void on(Path namespaces);
  }

  private static void inside(Request request, Work work) {
    try (Pipe pipe = Pipe.open();
        // The pipe's own end does not wait.
        Fd in = Fd.open(pipe.read().procPath(), Fd.O_RDONLY, 0);
        Fd nothing = Fd.open("/dev/null", Fd.O_RDWR, 0);
        ChildProcess child =
            ChildProcess.start(command(request), new Stdio(in, nothing, nothing))) {
      try {
        Path process = Path.of("/proc", Integer.toString(child.pid()));
        awaitUnshared(child, process.resolve("ns/user"));
        write(process.resolve("uid_map"), request.uids());
        write(process.resolve("gid_map"), request.gids());
        work.on(process.resolve("ns"));
      } finally {
        child.pidfd().signal(9);
        child.await(LIMIT);
      }
    }
  }

  private static Command command(Request request) {
    List<String> command = new ArrayList<>(List.of(program("unshare"), "--user"));
    request.others().pins().keySet().forEach(type -> command.add("--" + type.procName()));
    command.add(program("cat"));
    return Command.of(command);
  }

  private static String program(String name) {
    for (Path folder : FOLDERS) {
      if (Files.isExecutable(folder.resolve(name))) {
        return folder.resolve(name).toString();
      }
    }
    throw new UncheckedIOException(
        new IOException("make a user namespace: no program " + name + " in " + FOLDERS));
  }

  private static void awaitUnshared(ChildProcess child, Path link) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try {
      Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/user"));
      while (Files.readSymbolicLink(link).equals(own)) {
        if (child.pidfd().awaitEnd(LOOK_AGAIN) || System.nanoTime() > deadline) {
          throw new IOException("unshare(1) does not do it: has this kernel user namespaces?");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("make a user namespace: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, IdMapping mapping) {
    try {
      Files.writeString(file, mapping.line());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "write " + mapping.line().strip() + " to " + file + ": " + e.getMessage(), e);
    }
  }

  private static void pin(Request request, Path process) {
    Namespaces.pin(process.resolve("user"), request.pin());
    request
        .others()
        .pins()
        .forEach((type, file) -> Namespaces.pin(process.resolve(type.procName()), file));
  }
}
