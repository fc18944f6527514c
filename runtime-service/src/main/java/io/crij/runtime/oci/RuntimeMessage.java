package io.crij.runtime.oci;

import io.crij.runtime.program.CommandLine;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the reason in what an OCI runtime writes when it fails. */
final class RuntimeMessage {
  private static final int LENGTH_LIMIT = 2048;

  // logrus text and JSON format of runc; crun writes plain lines.
  private static final Pattern LOGRUS = Pattern.compile("msg=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern JSON = Pattern.compile("\"msg\":\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** What youki writes after the reason. */
  private static final String BACKTRACE = "Stack backtrace:";

  private RuntimeMessage() {}

  /** The last message of the output, for people; the runtime says last why it gave up. */
  static String of(CommandLine.Result result) {
    List<String> lines =
        result
            .output()
            .lines()
            .takeWhile(line -> !line.equals(BACKTRACE))
            .filter(line -> !line.isBlank())
            .toList();
    if (lines.isEmpty()) {
      return "ended with status " + result.exitCode() + " and wrote nothing";
    }
    String last = lines.getLast().strip();
    for (Pattern pattern : List.of(LOGRUS, JSON)) {
      Matcher matcher = pattern.matcher(last);
      if (matcher.find()) {
        last = matcher.group(1).replace("\\\"", "\"").replace("\\\\", "\\");
        break;
      }
    }
    return last.length() <= LENGTH_LIMIT ? last : last.substring(0, LENGTH_LIMIT) + "…";
  }
}
