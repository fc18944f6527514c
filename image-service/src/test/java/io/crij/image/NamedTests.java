package io.crij.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tests that a page names, {@code `SomeTest.itDoes`}, of whatever module. */
final class NamedTests {
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+Test)\\.(\\w+)`");
  private static final List<String> MODULES =
      List.of("records", "image-service", "runtime-service", "conmon-j", "cri-server", "e2e");

  private NamedTests() {}

  /** All of them, as they stand there. */
  static List<String> in(String text) {
    return NAME.matcher(text).results().map(MatchResult::group).toList();
  }

  /** Those that there are not. */
  static List<String> missing(String text) throws IOException {
    List<String> missing = new ArrayList<>();
    for (MatchResult name : NAME.matcher(text).results().toList()) {
      Pattern method = Pattern.compile("\\bvoid " + name.group(2) + "\\(");
      if (!method.matcher(source(name.group(1))).find()) {
        missing.add(name.group());
      }
    }
    return missing;
  }

  /** Of all classes of that name: two modules may have one each. */
  private static String source(String name) throws IOException {
    StringBuilder source = new StringBuilder();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/test/java"))) {
        for (Path file : files.filter(file -> file.endsWith(name + ".java")).toList()) {
          source.append(Files.readString(file));
        }
      }
    }
    return source.toString();
  }
}
