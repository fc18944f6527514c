package io.crij.linux.process;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.util.List;

/** Starts a program that gets descriptors from number 3 on, as service managers do. */
public final class ProcessWithDescriptors {
  private static final int STRUCTURE_BYTES = 512;

  /** Where they are put first, so that none is in another's way. */
  private static final int ASIDE = 700;

  private ProcessWithDescriptors() {}

  /** Starts it; the descriptors stay open here. */
  public static Pidfd start(
      List<String> arguments, List<String> environment, Fd output, List<Fd> descriptors) {
    try (Memory actions = new Memory(STRUCTURE_BYTES);
        Memory argv = new Memory((long) Native.POINTER_SIZE * (arguments.size() + 1));
        Memory envp = new Memory((long) Native.POINTER_SIZE * (environment.size() + 1));
        Memory result = new Memory(Integer.BYTES)) {
      List<Memory> strings = new java.util.ArrayList<>();
      fill(argv, arguments, strings);
      fill(envp, environment, strings);
      ProcessLibrary.posix_spawn_file_actions_init(actions);
      dup(actions, output.number(), 1);
      dup(actions, output.number(), 2);
      for (int i = 0; i < descriptors.size(); i++) {
        int from = descriptors.get(i).number();
        dup(actions, from, ASIDE + i);
      }
      for (int i = 0; i < descriptors.size(); i++) {
        dup(actions, ASIDE + i, 3 + i);
      }
      int first = 3 + descriptors.size();
      ProcessLibrary.posix_spawn_file_actions_addclosefrom_np(actions, first);
      int error =
          ProcessLibrary.posix_spawn(
              result, arguments.getFirst(), actions, Pointer.NULL, argv, envp);
      ProcessLibrary.posix_spawn_file_actions_destroy(actions);
      if (error != 0) {
        throw new LinuxException("start", arguments.getFirst(), error);
      }
      return Pidfd.open(result.getInt(0));
    }
  }

  private static void dup(Memory actions, int from, int to) {
    int error = ProcessLibrary.posix_spawn_file_actions_adddup2(actions, from, to);
    if (error != 0) {
      throw new LinuxException("dup2", from + " to " + to, error);
    }
  }

  private static void fill(Memory array, List<String> texts, List<Memory> strings) {
    array.clear();
    for (int i = 0; i < texts.size(); i++) {
      byte[] bytes = (texts.get(i) + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8);
      Memory string = new Memory(bytes.length);
      string.write(0, bytes, 0, bytes.length);
      // Else it could be freed before it is used.
      strings.add(string);
      array.setPointer((long) Native.POINTER_SIZE * i, string);
    }
  }
}
