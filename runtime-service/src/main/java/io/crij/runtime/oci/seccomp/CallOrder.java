package io.crij.runtime.oci.seccomp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The order in which rules cost the OCI runtime least, at each create and exec.
 *
 * <p>libseccomp keeps the rules of each architecture in a list by number, and looks for the place
 * of a new one from its begin ({@code db_rule_add} in db.c, 2.5 and 2.6): who comes with the
 * highest number first is at the right place at once. What a filter does is the same in any order,
 * as long as the rules of one call keep theirs.
 */
final class CallOrder {
  private static final String NAMES = "names";
  private static final String RESOURCE = "call-order.txt";

  private final Map<String, Integer> places;

  private CallOrder(Map<String, Integer> places) {
    this.places = places;
  }

  /** A rule for one call alone. */
  private record Single(String name, ObjectNode rule) {}

  static CallOrder load(Architecture architecture) {
    Map<String, Integer> places = new HashMap<>();
    for (String name : Sections.read(RESOURCE).get(architecture.profileSection())) {
      places.put(name, places.size());
    }
    return new CallOrder(places);
  }

  /**
   * Orders rules.
   *
   * @param rules the {@code syscalls} of a filter, each with {@code names}
   * @return rules that mean the same; names that are not known come last
   */
  ArrayNode apply(ArrayNode rules) {
    List<Single> singles = new ArrayList<>();
    for (JsonNode entry : rules) {
      ObjectNode rule = (ObjectNode) entry.deepCopy();
      rule.remove(NAMES);
      entry.path(NAMES).forEach(name -> singles.add(new Single(name.asString(), rule)));
    }
    singles.sort(Comparator.comparingInt(single -> place(single.name())));
    return grouped(singles);
  }

  private int place(String name) {
    return places.getOrDefault(name, places.size());
  }

  /** Those that follow each other and do the same are one. */
  private static ArrayNode grouped(List<Single> singles) {
    ArrayNode rules = JsonNodeFactory.instance.arrayNode();
    @Nullable ObjectNode last = null;
    @Nullable ArrayNode names = null;
    for (Single single : singles) {
      if (names == null || !single.rule().equals(last)) {
        last = single.rule();
        ObjectNode rule = rules.addObject();
        names = rule.putArray(NAMES);
        rule.setAll(last);
      }
      names.add(single.name());
    }
    return rules;
  }
}
