package io.crij.runtime.json;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The YAML that programs write: blocks of mappings and sequences by indentation, and scalars of one
 * line each. What is beyond that (anchors, tags, texts of several lines, several documents) is
 * refused, with its line.
 */
final class BlockYaml {
  private static final int DEPTH_LIMIT = 32;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^']|'')*'";
  private static final Pattern ENTRY =
      Pattern.compile("(" + QUOTED + "|[^\\s\"'#\\[\\]{}&*!|>%@`,?-][^\\s:#]*) *:(?: +(.*))?");
  private static final Pattern SCALAR =
      Pattern.compile("(" + QUOTED + "|[^\"'\\[{#](?:[^#]|(?<! )#)*?)?(?: +#.*)?");

  /** A line with something on it. */
  private record Line(int number, int indent, String text) {}

  private final String where;
  private final List<Line> lines;
  private int next;

  private BlockYaml(String where, List<Line> lines) {
    this.where = where;
    this.lines = lines;
  }

  /**
   * @param where the text is from, for errors
   */
  static JsonNode parse(String where, String text) throws BadFileException {
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String content = line.strip();
      if (line.indexOf('\t') >= 0) {
        throw new BadFileException(where + ":" + number + ": a tab");
      }
      boolean first = content.equals("---") && lines.isEmpty();
      if (!content.isEmpty() && !content.startsWith("#") && !first) {
        lines.add(new Line(number, line.indexOf(content.charAt(0)), content));
      }
    }
    BlockYaml yaml = new BlockYaml(where, lines);
    if (lines.isEmpty()) {
      throw new BadFileException(where + ": empty");
    }
    JsonNode node = yaml.block(lines.getFirst().indent(), 0);
    if (yaml.next < lines.size()) {
      throw yaml.wrong(lines.get(yaml.next), "not indented as what is before");
    }
    return node;
  }

  private BadFileException wrong(Line line, String reason) {
    return new BadFileException(where + ":" + line.number() + ": " + reason);
  }

  private @Nullable Line peek() {
    return next < lines.size() ? lines.get(next) : null;
  }

  /** All lines of this indentation, and what is below them. */
  private JsonNode block(int indent, int depth) throws BadFileException {
    Line first = lines.get(next);
    if (depth > DEPTH_LIMIT) {
      throw wrong(first, "too deep");
    }
    if (isItem(first)) {
      return sequence(indent, depth);
    }
    if (ENTRY.matcher(first.text()).matches()) {
      return mapping(indent, depth);
    }
    next++;
    return scalar(first, first.text());
  }

  private static boolean isItem(Line line) {
    return line.text().equals("-") || line.text().startsWith("- ");
  }

  private ArrayNode sequence(int indent, int depth) throws BadFileException {
    ArrayNode array = NODES.arrayNode();
    Line line = peek();
    while (line != null && line.indent() == indent && isItem(line)) {
      String rest = line.text().substring(1).stripLeading();
      if (rest.isEmpty() || rest.startsWith("#")) {
        next++;
        array.add(below(line, indent, depth));
      } else {
        // What follows the dash is a block of its own, as if it began the line there.
        int inner = indent + line.text().indexOf(rest, 1);
        lines.set(next, new Line(line.number(), inner, rest));
        array.add(block(inner, depth + 1));
      }
      line = peek();
    }
    return array;
  }

  private ObjectNode mapping(int indent, int depth) throws BadFileException {
    ObjectNode object = NODES.objectNode();
    Line line = peek();
    while (line != null && line.indent() == indent && !isItem(line)) {
      Matcher entry = ENTRY.matcher(line.text());
      if (!entry.matches()) {
        throw wrong(line, "neither 'key: value' nor '- value' in one line");
      }
      next++;
      String key = scalar(line, entry.group(1)).asString();
      String rest = entry.group(2);
      boolean empty = rest == null || rest.isBlank() || rest.startsWith("#");
      JsonNode value = empty ? below(line, indent, depth) : scalar(line, rest);
      if (object.has(key)) {
        throw wrong(line, "'" + key + "' twice");
      }
      object.set(key, value);
      line = peek();
    }
    return object;
  }

  /** What a line holds that says nothing itself: the block below it, or nothing. */
  private JsonNode below(Line holder, int indent, int depth) throws BadFileException {
    Line line = peek();
    boolean deeper = line != null && line.indent() > indent;
    // YAML 1.2, 8.2.3: sequences of a mapping need not be indented.
    boolean items = line != null && line.indent() == indent && isItem(line) && !isItem(holder);
    return deeper || items ? block(lines.get(next).indent(), depth + 1) : NODES.nullNode();
  }

  private JsonNode scalar(Line line, String text) throws BadFileException {
    String whole = text.strip();
    if (whole.equals("[]")) {
      return NODES.arrayNode();
    }
    if (whole.equals("{}")) {
      return NODES.objectNode();
    }
    Matcher matcher = SCALAR.matcher(whole);
    if (!matcher.matches() || matcher.group(1) == null) {
      throw wrong(line, "not a value of one line: " + whole);
    }
    String value = matcher.group(1);
    if (value.startsWith("\"")) {
      return Fields.json(where + ":" + line.number(), value);
    }
    if (value.startsWith("'")) {
      return NODES.stringNode(value.substring(1, value.length() - 1).replace("''", "'"));
    }
    if ("&*!|>%@`?,".indexOf(value.charAt(0)) >= 0 || value.contains(": ")) {
      throw wrong(line, "not understood: " + value);
    }
    return plain(line, value);
  }

  private JsonNode plain(Line line, String value) throws BadFileException {
    return switch (value) {
      case "true" -> NODES.booleanNode(true);
      case "false" -> NODES.booleanNode(false);
      case "null", "~" -> NODES.nullNode();
      default -> {
        if (value.matches("-?0\\d+")) {
          throw wrong(line, value + ": octal in YAML 1.1, decimal in 1.2");
        }
        yield value.matches("-?\\d{1,18}")
            ? NODES.numberNode(Long.parseLong(value))
            : NODES.stringNode(value);
      }
    };
  }
}
