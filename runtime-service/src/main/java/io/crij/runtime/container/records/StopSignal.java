package io.crij.runtime.container.records;

import io.crij.cri.v1.Signal;
import io.crij.runtime.ServiceException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Signals by name and number (signal(7)), as requests and images give them. */
public final class StopSignal {
  private static final int SIGTERM = 15;
  private static final int FIRST_REAL_TIME = 34;
  private static final int LAST_REAL_TIME = 64;
  private static final String CRI_PREFIX = "SIGNAL_";
  private static final String PREFIX = "SIG";

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,2}");
  private static final Map<String, Integer> NUMBERS = numbers();
  private static final Map<Integer, Signal> OF_CRI = ofCri();

  private StopSignal() {}

  /**
   * The request's signal, else the image's, else SIGTERM. An image's that is none counts as none:
   * its author does not make the container fail.
   *
   * @param ofImage name or number; may be empty
   */
  public static int choose(Signal requested, String ofImage) {
    if (requested == Signal.UNRECOGNIZED) {
      throw new ServiceException.InvalidArgument("stop_signal: unknown signal");
    }
    if (requested != Signal.SIGNAL_RUNTIME_DEFAULT) {
      return number(
          requested
              .name()
              .substring(CRI_PREFIX.length())
              .replace("PLUS", "+")
              .replace("MINUS", "-"));
    }
    int number = number(ofImage);
    return number == 0 ? SIGTERM : number;
  }

  /** The CRI's name of a number; SIGNAL_RUNTIME_DEFAULT if it has none. */
  public static Signal cri(int number) {
    return OF_CRI.getOrDefault(number, Signal.SIGNAL_RUNTIME_DEFAULT);
  }

  /** 0 if it is no signal. */
  private static int number(String text) {
    if (NUMBER.matcher(text).matches()) {
      int number = Integer.parseInt(text);
      return number <= LAST_REAL_TIME ? number : 0;
    }
    String name = text.toUpperCase(Locale.ROOT);
    return NUMBERS.getOrDefault(name.startsWith(PREFIX) ? name : PREFIX + name, 0);
  }

  private static Map<Integer, Signal> ofCri() {
    Map<Integer, Signal> signals = new TreeMap<>();
    for (Signal signal : Signal.values()) {
      if (signal != Signal.UNRECOGNIZED && signal != Signal.SIGNAL_RUNTIME_DEFAULT) {
        signals.putIfAbsent(choose(signal, ""), signal);
      }
    }
    return signals;
  }

  private static Map<String, Integer> numbers() {
    List<String> names =
        List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
            "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
            "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
    Map<String, Integer> numbers = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      numbers.put(PREFIX + names.get(i), i + 1);
    }
    numbers.put("SIGCLD", numbers.get("SIGCHLD"));
    numbers.put("SIGIOT", numbers.get("SIGABRT"));
    numbers.put("SIGPOLL", numbers.get("SIGIO"));
    numbers.put("SIGRTMIN", FIRST_REAL_TIME);
    numbers.put("SIGRTMAX", LAST_REAL_TIME);
    for (int i = 1; i < LAST_REAL_TIME - FIRST_REAL_TIME; i++) {
      numbers.put("SIGRTMIN+" + i, FIRST_REAL_TIME + i);
      numbers.put("SIGRTMAX-" + i, LAST_REAL_TIME - i);
    }
    return numbers;
  }
}
