package io.crij.runtime.oci.seccomp;

import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Builds the {@code syscalls} of a filter. */
final class Rules {
  /** A comparison of an argument. */
  record Comparison(int argument, String operator, long value, long second) {}

  private final ArrayNode syscalls = JsonNodeFactory.instance.arrayNode();

  static Comparison equal(int argument, long value) {
    return new Comparison(argument, "SCMP_CMP_EQ", value, 0);
  }

  static Comparison notEqual(int argument, long value) {
    return new Comparison(argument, "SCMP_CMP_NE", value, 0);
  }

  static Comparison less(int argument, long value) {
    return new Comparison(argument, "SCMP_CMP_LT", value, 0);
  }

  static Comparison greater(int argument, long value) {
    return new Comparison(argument, "SCMP_CMP_GT", value, 0);
  }

  void allow(Collection<String> names) {
    add(names, "SCMP_ACT_ALLOW");
  }

  void allowIf(String name, Comparison... all) {
    ArrayNode arguments = add(List.of(name), "SCMP_ACT_ALLOW").putArray("args");
    for (Comparison comparison : all) {
      ObjectNode entry = arguments.addObject();
      entry.put("index", comparison.argument());
      entry.put("value", comparison.value());
      entry.put("valueTwo", comparison.second());
      entry.put("op", comparison.operator());
    }
  }

  void allowMasked(String name, int argument, long mask, long value) {
    allowIf(name, new Comparison(argument, "SCMP_CMP_MASKED_EQ", mask, value));
  }

  void fail(Collection<String> names, int errno) {
    add(names, "SCMP_ACT_ERRNO").put("errnoRet", errno);
  }

  ObjectNode filter(Architecture architecture, CallOrder order, int defaultErrno) {
    ObjectNode filter = JsonNodeFactory.instance.objectNode();
    filter.put("defaultAction", "SCMP_ACT_ERRNO");
    filter.put("defaultErrnoRet", defaultErrno);
    ArrayNode architectures = filter.putArray("architectures");
    architecture.seccompNames().forEach(architectures::add);
    filter.set("syscalls", order.apply(syscalls));
    return filter;
  }

  private ObjectNode add(Collection<String> names, String action) {
    ObjectNode rule = syscalls.addObject();
    ArrayNode list = rule.putArray("names");
    names.forEach(list::add);
    rule.put("action", action);
    return rule;
  }
}
