package io.crij.e2e.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What docs/conformance.md says of specs that skip themselves.
 *
 * @param reasons of each spec, by the heading of its runtime: what the node or the runtime lacks
 */
public record ConformancePage(Map<String, Map<String, String>> reasons) {
  private static final Path PAGE = Path.of("../docs/conformance.md");
  private static final Pattern HEADING = Pattern.compile("## With (.+)");
  private static final Pattern ROW = Pattern.compile("\\| `(.+)` \\| (.+) \\|");

  /** Reads the page. */
  public static ConformancePage read() throws IOException {
    Map<String, Map<String, String>> reasons = new LinkedHashMap<>();
    Map<String, String> ofRuntime = new LinkedHashMap<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher heading = HEADING.matcher(line);
      Matcher row = ROW.matcher(line);
      if (heading.matches()) {
        ofRuntime = new LinkedHashMap<>();
        reasons.put(heading.group(1), ofRuntime);
      } else if (row.matches()) {
        ofRuntime.put(row.group(1), row.group(2));
      }
    }
    return new ConformancePage(reasons);
  }

  /** Where the specs of a run were skipped, or passed, against what the page says. */
  public List<String> contradictions(String runtime, List<Spec> specs) {
    Map<String, String> excused = reasons.getOrDefault(runtime, Map.of());
    List<String> contradictions = new ArrayList<>();
    for (Spec spec : specs) {
      if (spec.skippedItself() && !excused.containsKey(spec.name())) {
        contradictions.add("skipped and not on the page: " + spec.name() + ": " + spec.reason());
      } else if (spec.passed() && lacksMoreThanTheNode(excused.get(spec.name()))) {
        contradictions.add("on the page, and passed: " + spec.name());
      }
    }
    return contradictions;
  }

  /** Another node may have what the kernel of this one has not. */
  private static boolean lacksMoreThanTheNode(@Nullable String reason) {
    return reason != null && !reason.startsWith("the kernel ");
  }
}
