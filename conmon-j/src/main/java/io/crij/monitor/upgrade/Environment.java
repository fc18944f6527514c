package io.crij.monitor.upgrade;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** This process's environment, as a successor in its place gets it. */
final class Environment {
  /** Of no meaning to a successor: numbers of descriptors, whose meaning has gone. */
  private static final Set<String> PASSED_ONCE =
      Set.of(
          ReceivedHandOver.VARIABLE,
          "LISTEN_PID",
          "LISTEN_PIDFDID",
          "LISTEN_FDS",
          "LISTEN_FDNAMES");

  /** What a service manager means for the process alone. */
  private static final Set<String> OF_THE_SERVICE =
      Set.of("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "MAINPID", "FDSTORE");

  private Environment() {}

  /** For execve(2), with the number of the hand-over: strings with a zero byte after each. */
  static byte[] forSuccessor(int handOver) throws IOException {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    for (String variable : read(PASSED_ONCE)) {
      result.writeBytes(bytes(variable));
    }
    result.writeBytes(bytes(ReceivedHandOver.VARIABLE + "=" + handOver));
    return result.toByteArray();
  }

  /** For a child that proves itself, whose hand-over is its stdin. */
  static List<String> forProof() throws IOException {
    List<String> variables = new ArrayList<>();
    for (String variable : read(PASSED_ONCE)) {
      if (!OF_THE_SERVICE.contains(name(variable))) {
        variables.add(
            new String(variable.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
      }
    }
    return variables;
  }

  /** A character for each byte: nobody says in what encoding they are. */
  private static List<String> read(Set<String> without) throws IOException {
    byte[] all = Files.readAllBytes(Path.of("/proc/self/environ"));
    List<String> variables = new ArrayList<>();
    for (String variable : new String(all, StandardCharsets.ISO_8859_1).split("\0")) {
      if (!variable.isEmpty() && !without.contains(name(variable))) {
        variables.add(variable);
      }
    }
    return variables;
  }

  private static String name(String variable) {
    int end = variable.indexOf('=');
    return end < 0 ? variable : variable.substring(0, end);
  }

  private static byte[] bytes(String variable) {
    return (variable + "\0").getBytes(StandardCharsets.ISO_8859_1);
  }
}
