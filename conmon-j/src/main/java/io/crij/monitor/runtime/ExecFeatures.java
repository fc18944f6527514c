package io.crij.monitor.runtime;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.process.Stdio;
import io.crij.monitor.loop.StderrLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What an OCI runtime's {@code exec} can do beyond what all can: its own help says so, asked for
 * until it answers. Blocks; for platform threads.
 */
public final class ExecFeatures {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MAX_HELP_BYTES = 32 * 1024;

  private final Children children;
  private final Map<String, SubCgroup> known = new ConcurrentHashMap<>();

  public ExecFeatures(Children children) {
    this.children = children;
  }

  /** How a process can be started in a cgroup below the container's. */
  public enum SubCgroup {
    /** It cannot. */
    NONE,
    /** {@code --cgroup NAME}: in all hierarchies. */
    NAME,
    /** {@code --cgroup CONTROLLER:NAME} too. */
    CONTROLLER_AND_NAME
  }

  /** How that runtime can. */
  public SubCgroup subCgroup(String runtimePath) {
    SubCgroup found = known.computeIfAbsent(runtimePath, this::ask);
    return found == null ? SubCgroup.NONE : found;
  }

  /** What it wrote, and whether that is all it has to say. */
  private record Help(String text, boolean whole) {
    static final Help NONE = new Help("", false);
  }

  /** Null when it did not say: then it is asked again. */
  private @Nullable SubCgroup ask(String runtimePath) {
    Help help = help(runtimePath);
    if (!help.text().contains("--cgroup")) {
      return help.whole() ? SubCgroup.NONE : null;
    }
    return help.text().contains("[<controller>:]") ? SubCgroup.CONTROLLER_AND_NAME : SubCgroup.NAME;
  }

  private Help help(String runtimePath) {
    try (Fd nothing = Fd.open("/dev/null", Fd.O_RDWR, 0);
        Fd text = Descriptors.memoryFile("crij-help")) {
      Command command = Command.of(List.of(runtimePath, "exec", "--help"));
      ChildProcess child = children.startCall(command, new Stdio(nothing, text, nothing));
      boolean ended;
      try (child) {
        ended = child.await(LIMIT) != null;
        if (!ended) {
          ProcessTree.kill(child.id());
          child.await(LIMIT);
          StderrLog.info(
              runtimePath
                  + " has not ended within "
                  + LIMIT.toSeconds()
                  + " s of being asked what it can");
        }
      } finally {
        children.closeCall(child);
      }
      NativeBuffer buffer = NativeBuffer.allocate(MAX_HELP_BYTES);
      byte[] bytes = new byte[Descriptors.readAt(text, 0, buffer, MAX_HELP_BYTES)];
      buffer.bytes().get(0, bytes);
      return new Help(new String(bytes, StandardCharsets.UTF_8), ended);
    } catch (LinuxException e) {
      StderrLog.failure("ask " + runtimePath + " what it can", e);
      return Help.NONE;
    }
  }
}
