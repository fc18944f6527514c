package io.crij.linux.process;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A child of ours, started by posix_spawn(3) with nothing inherited: no descriptor but the three
 * given, no blocked or ignored signal, and the limit of open files and the OOM score that this
 * process was started with.
 *
 * <p>Its exit status must be taken ({@link #await} or {@link Pidfd#reap}), else it stays a zombie.
 */
public final class ChildProcess implements AutoCloseable {
  // As in glibc's spawn.h; the structures are smaller than this on all architectures.
  private static final int STRUCTURE_BYTES = 512;
  private static final int SIGSET_BYTES = 128;
  private static final short SETSIGDEF = 0x04;
  private static final short SETSIGMASK = 0x08;
  private static final short SETSID = 0x80;
  private static final int FIRST_CLOSED = 3;

  private final int pid;
  private final Pidfd pidfd;

  private ChildProcess(int pid, Pidfd pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
  }

  /**
   * Starts a program.
   *
   * @throws LinuxException also when the program cannot be executed, or the directory is missing
   */
  public static ChildProcess start(Command wanted, Stdio stdio) {
    Command command = OriginalLimits.areChanged() ? OriginalLimits.of(wanted) : wanted;
    try (Memory actions = new Memory(STRUCTURE_BYTES);
        Memory attributes = new Memory(STRUCTURE_BYTES);
        Memory signals = new Memory(SIGSET_BYTES);
        Memory arguments = strings(command.arguments());
        Memory environment = strings(command.environment());
        Memory result = new Memory(Integer.BYTES)) {
      check(ProcessLibrary.posix_spawn_file_actions_init(actions), command);
      check(ProcessLibrary.posix_spawnattr_init(attributes), command);
      try {
        fill(actions, stdio, command);
        fill(attributes, signals, command);
        check(
            ProcessLibrary.posix_spawn(
                result, command.program(), actions, attributes, arguments, environment),
            command);
        int pid = result.getInt(0);
        return new ChildProcess(pid, Pidfd.open(pid));
      } finally {
        ProcessLibrary.posix_spawn_file_actions_destroy(actions);
        ProcessLibrary.posix_spawnattr_destroy(attributes);
      }
    }
  }

  private static void fill(Memory actions, Stdio stdio, Command command) {
    check(
        ProcessLibrary.posix_spawn_file_actions_addchdir_np(actions, command.directory()), command);
    dup(actions, stdio.in().number(), 0, command);
    dup(actions, stdio.out().number(), 1, command);
    dup(actions, stdio.err().number(), 2, command);
    // Not all that the JVM opens is close-on-exec.
    check(ProcessLibrary.posix_spawn_file_actions_addclosefrom_np(actions, FIRST_CLOSED), command);
  }

  private static void dup(Memory actions, int from, int to, Command command) {
    check(ProcessLibrary.posix_spawn_file_actions_adddup2(actions, from, to), command);
  }

  private static void fill(Memory attributes, Memory signals, Command command) {
    int flags = SETSIGDEF | SETSIGMASK | (command.newSession() ? SETSID : 0);
    check(ProcessLibrary.posix_spawnattr_setflags(attributes, (short) flags), command);
    signals.clear();
    check(ProcessLibrary.posix_spawnattr_setsigmask(attributes, signals), command);
    // All bits, not sigfillset(3): that leaves out 32 and 33, which would then be ignored.
    signals.setMemory(0, SIGSET_BYTES, (byte) 0xff);
    check(ProcessLibrary.posix_spawnattr_setsigdefault(attributes, signals), command);
  }

  private static void check(int error, Command command) {
    if (error != 0) {
      throw new LinuxException("start", command.program(), error);
    }
  }

  /** A null-terminated array of pointers, followed by the strings they point to. */
  private static Memory strings(List<String> strings) {
    byte[][] bytes = new byte[strings.size()][];
    long size = (long) Native.POINTER_SIZE * (strings.size() + 1);
    long offset = size;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = strings.get(i).getBytes(StandardCharsets.UTF_8);
      size += bytes[i].length + 1;
    }
    Memory memory = new Memory(size);
    for (int i = 0; i < bytes.length; i++) {
      memory.setPointer((long) Native.POINTER_SIZE * i, memory.share(offset));
      memory.write(offset, bytes[i], 0, bytes[i].length);
      memory.setByte(offset + bytes[i].length, (byte) 0);
      offset += bytes[i].length + 1;
    }
    memory.setPointer((long) Native.POINTER_SIZE * bytes.length, Pointer.NULL);
    return memory;
  }

  public int pid() {
    return pid;
  }

  /** With the start time; to be asked before the exit status is taken. */
  public ProcessId id() {
    ProcessId id = ProcessId.find(pid);
    if (id == null) {
      throw new LinuxException("find", "process " + pid, Errno.ESRCH);
    }
    return id;
  }

  public Pidfd pidfd() {
    return pidfd;
  }

  /**
   * Blocks the thread until it has ended, and takes its exit status; for platform threads.
   *
   * @return null if it still runs after {@code timeout}
   */
  public @Nullable ExitStatus await(Duration timeout) {
    return pidfd.awaitEnd(timeout) ? pidfd.reap() : null;
  }

  /** Closes the pidfd; the process goes on. */
  @Override
  public void close() {
    pidfd.close();
  }
}
