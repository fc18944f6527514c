package io.crij.linux.exec;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** execve(2): this process becomes another program. */
public final class Execve {
  private static final int SIGSET_BYTES = 128;
  private static final int SIG_SETMASK = 2;

  private Execve() {}

  /**
   * Becomes another program: the pid, the children, the locks and what is {@code given} stay;
   * nothing else does. Whatever other threads are doing ends at any point, so they must have been
   * brought to rest.
   *
   * @param arguments strings with a zero byte after each, as in {@code /proc/PID/cmdline}; the
   *     first is the absolute path of the program
   * @param environment the same, as in {@code /proc/PID/environ}
   * @param given numbers of the descriptors that the program gets beside the first three
   * @return why it failed, with all as before; there is no other return
   */
  public static LinuxException become(
      byte[] arguments, byte[] environment, Collection<Integer> given) {
    String program = new String(arguments, 0, length(arguments, 0), StandardCharsets.UTF_8);
    try (Memory strings = copy(arguments);
        Memory variables = copy(environment);
        Memory argv = pointers(strings, arguments);
        Memory envp = pointers(variables, environment);
        Memory none = new Memory(SIGSET_BYTES);
        Memory before = new Memory(SIGSET_BYTES)) {
      CloseOnExec.all();
      given.forEach(CloseOnExec::clear);
      none.clear();
      // The JVM blocks signals that its successor, and whatever that starts, must get.
      ExecLibrary.pthread_sigmask(SIG_SETMASK, none, before);
      ExecLibrary.execve(strings, argv, envp);
      LinuxException failure = LinuxException.last("execve", program);
      ExecLibrary.pthread_sigmask(SIG_SETMASK, before, Pointer.NULL);
      CloseOnExec.all();
      return failure;
    } catch (LinuxException e) {
      CloseOnExec.all();
      return e;
    }
  }

  private static Memory copy(byte[] strings) {
    Memory memory = new Memory(strings.length + 1L);
    memory.write(0, strings, 0, strings.length);
    memory.setByte(strings.length, (byte) 0);
    return memory;
  }

  /** The null-terminated array of their addresses. */
  private static Memory pointers(Memory memory, byte[] strings) {
    List<Pointer> addresses = new ArrayList<>();
    for (int at = 0; at < strings.length; at += length(strings, at) + 1) {
      addresses.add(memory.share(at));
    }
    Memory array = new Memory((long) Native.POINTER_SIZE * (addresses.size() + 1));
    for (int i = 0; i < addresses.size(); i++) {
      array.setPointer((long) Native.POINTER_SIZE * i, addresses.get(i));
    }
    array.setPointer((long) Native.POINTER_SIZE * addresses.size(), Pointer.NULL);
    return array;
  }

  private static int length(byte[] strings, int from) {
    int to = from;
    while (to < strings.length && strings[to] != 0) {
      to++;
    }
    return to - from;
  }
}
