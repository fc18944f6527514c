package io.crij.e2e.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What became of one spec of the suite.
 *
 * @param name its containers' texts and its own, as the suite's log has them
 * @param state ginkgo's word: {@code passed}, {@code failed}, {@code skipped}, …
 * @param reason why it skipped itself or failed; empty for one that was not chosen
 */
public record Spec(String name, String state, String reason) {
  private static final String PREFIX = "[k8s.io] ";

  /** Reads ginkgo's JSON report. */
  public static List<Spec> readAll(Path report) throws IOException {
    List<Spec> specs = new ArrayList<>();
    for (JsonNode suite : new JsonMapper().readTree(Files.readString(report))) {
      for (JsonNode spec : suite.path("SpecReports")) {
        if (spec.path("LeafNodeType").asString().equals("It")) {
          specs.add(read(spec));
        }
      }
    }
    return specs;
  }

  private static Spec read(JsonNode spec) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : spec.path("ContainerHierarchyTexts")) {
      texts.add(text.asString());
    }
    texts.add(spec.path("LeafNodeText").asString());
    return new Spec(
        String.join(" ", texts).replace(PREFIX, ""),
        spec.path("State").asString(),
        spec.at("/Failure/Message").asString(""));
  }

  public boolean passed() {
    return state.equals("passed");
  }

  /** Whether it looked at the node and skipped itself. */
  public boolean skippedItself() {
    return state.equals("skipped") && !reason.isEmpty();
  }

  public boolean failed() {
    return !passed() && !state.equals("skipped");
  }
}
