package io.crij.monitor.upgrade;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.exec.SealedFile;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.process.Stdio;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandOverProof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has a program prove, as a child of ours, that it can take our place; execve(2) has no way back.
 * Blocks; for platform threads.
 */
final class Proof {
  private static final Duration KILL_TIME = Duration.ofSeconds(10);

  /** As much as a pipe holds: who writes more waits, and runs out of time. */
  private static final int MAX_OUTPUT_BYTES = 64 * 1024;

  private static final int MAX_WORDS = 500;

  private final Children children;
  private final Path runroot;

  Proof(Children children, Path runroot) {
    this.children = children;
    this.runroot = runroot;
  }

  /**
   * Asks the program.
   *
   * @throws UpgradeRefused why it does not prove what it should
   */
  HandOverProof of(String program, HandOver handOver, Duration limit) throws UpgradeRefused {
    try (Fd file = SealedFile.of("conmon-j hand-over", handOver.toByteArray());
        Pipe out = Pipe.open();
        Pipe err = Pipe.open()) {
      ExitStatus status = run(command(program), new Stdio(file, out.write(), err.write()), limit);
      if (status == null) {
        throw new UpgradeRefused(
            program + " has proved nothing within " + limit.toMillis() + " ms" + words(err));
      }
      if (!status.isSuccess()) {
        throw new UpgradeRefused(
            program + " cannot take over, it ended with " + status.shellCode() + words(err));
      }
      return check(program, HandOverProof.parseFrom(read(out)), handOver);
    } catch (LinuxException e) {
      throw new UpgradeRefused(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UpgradeRefused(program + " gives no proof that can be read: " + e.getMessage());
    }
  }

  private Command command(String program) throws IOException {
    List<String> arguments = List.of(program, "--runroot", runroot.toString(), CheckHandOver.FLAG);
    return new Command(arguments, Environment.forProof(), "/", true);
  }

  private @Nullable ExitStatus run(Command command, Stdio stdio, Duration limit) {
    ChildProcess child = children.startProgram(command, stdio);
    try (child) {
      ProcessId id = child.id();
      ExitStatus status = child.await(limit);
      if (status == null) {
        ProcessTree.kill(id);
        child.await(KILL_TIME);
      }
      return status;
    } finally {
      children.reaped(child.pid());
    }
  }

  private static HandOverProof check(String program, HandOverProof proof, HandOver handOver)
      throws UpgradeRefused {
    if (!proof.getDigest().equals(Listing.digest(handOver))) {
      throw new UpgradeRefused(program + " has read something else than what is handed over");
    }
    if (proof.getArguments().isEmpty() || proof.getArguments().byteAt(0) != '/') {
      throw new UpgradeRefused(program + " does not say by what absolute path it was started");
    }
    return proof;
  }

  private static byte[] read(Pipe pipe) {
    NativeBuffer buffer = NativeBuffer.allocate(MAX_OUTPUT_BYTES);
    int n = Descriptors.read(pipe.read(), buffer, 0, MAX_OUTPUT_BYTES);
    byte[] bytes = new byte[Math.max(n, 0)];
    buffer.bytes().get(0, bytes);
    return bytes;
  }

  private static String words(Pipe err) {
    String text = new String(read(err), StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      return "";
    }
    return ": " + text.substring(0, Math.min(text.length(), MAX_WORDS));
  }
}
