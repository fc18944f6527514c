package io.crij.runtime.cni.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts values into a template. */
final class Rendering {
  private final StringBuilder output = new StringBuilder();

  private Rendering() {}

  /**
   * @param values by their names in the template, e.g. {@code .PodCIDR}; texts, or lists of texts
   * @throws TemplateException naming a value that there is not
   */
  static String of(List<Node> nodes, Map<String, ?> values) {
    Rendering rendering = new Rendering();
    rendering.write(nodes, Map.copyOf(values));
    return rendering.output.toString();
  }

  private void write(List<Node> nodes, Map<String, Object> values) {
    for (Node node : nodes) {
      switch (node) {
        case Node.Text text -> output.append(text.text());
        case Node.Value value -> output.append(get(values, value.name()));
        case Node.If condition ->
            write(
                isTrue(get(values, condition.name())) ? condition.body() : condition.otherwise(),
                values);
        case Node.Range range -> write(range, values);
      }
    }
  }

  private void write(Node.Range range, Map<String, Object> values) {
    if (!(get(values, range.list()) instanceof List<?> list)) {
      throw new TemplateException(range.list() + " is not a list");
    }
    if (list.isEmpty()) {
      write(range.otherwise(), values);
    }
    for (int index = 0; index < list.size(); index++) {
      Map<String, Object> inner = new HashMap<>(values);
      inner.put(".", list.get(index));
      if (!range.element().isEmpty()) {
        inner.put(range.element(), list.get(index));
      }
      if (!range.index().isEmpty()) {
        inner.put(range.index(), index);
      }
      write(range.body(), inner);
    }
  }

  private static Object get(Map<String, Object> values, String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new TemplateException(name + " is not known");
    }
    return value;
  }

  /** As Go's templates see it. */
  private static boolean isTrue(Object value) {
    return switch (value) {
      case Integer number -> number != 0;
      case List<?> list -> !list.isEmpty();
      default -> !value.toString().isEmpty();
    };
  }
}
