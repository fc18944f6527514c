package io.crij.runtime.cni.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the actions of Go's text/template that network templates are written with. */
final class TemplateParser {
  private record Token(boolean isAction, String text) {}

  private static final String NAME = "(?:\\$[A-Za-z_][A-Za-z0-9_]*|\\.[A-Za-z][A-Za-z0-9]*|\\.)";
  private static final String VARIABLE = "(\\$[A-Za-z_][A-Za-z0-9_]*)";
  private static final Pattern VALUE = Pattern.compile(NAME);
  private static final Pattern RANGE =
      Pattern.compile(
          "range\\s+(?:(?:" + VARIABLE + "\\s*,\\s*)?" + VARIABLE + "\\s*:=\\s*)?(" + NAME + ")");
  private static final Pattern IF = Pattern.compile("if\\s+(" + NAME + ")");
  private static final String ELSE = "else";
  private static final String END = "end";

  private final Deque<Token> tokens;

  private TemplateParser(Deque<Token> tokens) {
    this.tokens = tokens;
  }

  /**
   * @throws TemplateException naming the action that is not understood, or not ended
   */
  static List<Node> parse(String template) {
    TemplateParser parser = new TemplateParser(tokens(template));
    List<Node> nodes = parser.nodes();
    if (!parser.tokens.isEmpty()) {
      throw new TemplateException("{{" + parser.tokens.getFirst().text() + "}} ends nothing");
    }
    return nodes;
  }

  /** A dash within an action takes away the white space beside it. */
  private static Deque<Token> tokens(String template) {
    Deque<Token> tokens = new ArrayDeque<>();
    int position = 0;
    boolean trim = false;
    int open = template.indexOf("{{");
    while (open >= 0) {
      int close = template.indexOf("}}", open);
      if (close < 0) {
        throw new TemplateException("{{ without }}");
      }
      String action = template.substring(open + 2, close);
      String text = template.substring(position, open);
      text = trim ? text.stripLeading() : text;
      tokens.add(new Token(false, action.startsWith("- ") ? text.stripTrailing() : text));
      trim = action.endsWith(" -");
      tokens.add(new Token(true, action.replaceAll("^- | -$", "").strip()));
      position = close + 2;
      open = template.indexOf("{{", position);
    }
    String rest = template.substring(position);
    tokens.add(new Token(false, trim ? rest.stripLeading() : rest));
    return tokens;
  }

  /** Up to the end, or to the action that ends or divides a block, which stays. */
  private List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    while (!tokens.isEmpty() && !ends(tokens.getFirst())) {
      Token token = tokens.removeFirst();
      if (!token.isAction()) {
        nodes.add(new Node.Text(token.text()));
      } else if (!token.text().startsWith("/*")) {
        nodes.add(node(token.text()));
      }
    }
    return nodes;
  }

  private static boolean ends(Token token) {
    return token.isAction() && (token.text().equals(END) || token.text().equals(ELSE));
  }

  private Node node(String action) {
    Matcher range = RANGE.matcher(action);
    if (range.matches()) {
      List<Node> body = nodes();
      return new Node.Range(
          name(range.group(1)), name(range.group(2)), range.group(3), body, otherwise(action));
    }
    Matcher condition = IF.matcher(action);
    if (condition.matches()) {
      List<Node> body = nodes();
      return new Node.If(condition.group(1), body, otherwise(action));
    }
    if (VALUE.matcher(action).matches()) {
      return new Node.Value(action);
    }
    throw new TemplateException("{{" + action + "}} is not understood");
  }

  /** What follows {@code else}, if there is one; the block's end is taken. */
  private List<Node> otherwise(String action) {
    Token token = tokens.pollFirst();
    List<Node> nodes = List.of();
    if (token != null && token.text().equals(ELSE)) {
      nodes = nodes();
      token = tokens.pollFirst();
    }
    if (token == null || !token.text().equals(END)) {
      throw new TemplateException("{{" + action + "}} has no {{end}}");
    }
    return nodes;
  }

  private static String name(@Nullable String variable) {
    return variable == null ? "" : variable;
  }
}
