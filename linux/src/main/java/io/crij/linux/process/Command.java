package io.crij.linux.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program to be started.
 *
 * @param arguments the program's absolute path, then its arguments
 * @param environment the whole environment, {@code NAME=value} each; nothing of ours is added
 * @param directory the working directory
 * @param newSession setsid(2): away from our terminal and process group
 */
public record Command(
    List<String> arguments, List<String> environment, String directory, boolean newSession) {
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  public Command {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
    if (arguments.isEmpty() || !arguments.getFirst().startsWith("/")) {
      throw new IllegalArgumentException("not an absolute path of a program: " + arguments);
    }
    for (String text : arguments) {
      rejectNul(text);
    }
    for (String text : environment) {
      rejectNul(text);
    }
  }

  /** In {@code /}, in its own session, with {@code PATH} alone in its environment. */
  public static Command of(List<String> arguments) {
    return new Command(arguments, List.of(PATH), "/", true);
  }

  /** The same with these variables added. */
  public Command withEnvironment(Map<String, String> variables) {
    List<String> all = new ArrayList<>(environment);
    variables.forEach((name, value) -> all.add(name + "=" + value));
    return new Command(arguments, all, directory, newSession);
  }

  /** The same, started elsewhere. */
  public Command in(String workingDirectory) {
    return new Command(arguments, environment, workingDirectory, newSession);
  }

  String program() {
    return arguments.getFirst();
  }

  private static void rejectNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a zero byte in an argument of a program");
    }
  }
}
