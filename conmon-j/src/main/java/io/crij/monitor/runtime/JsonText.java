package io.crij.monitor.runtime;

/** Reads string fields of flat JSON objects, which is all that a runtime's log needs. */
final class JsonText {
  private JsonText() {}

  /** The string value of a field; empty if there is none. */
  static String field(String object, String name) {
    int at = 0;
    while (true) {
      int quote = object.indexOf('"', at);
      if (quote < 0) {
        return "";
      }
      int end = endOfString(object, quote + 1);
      int next = skipSpace(object, Math.min(end + 1, object.length()));
      boolean isKey = next < object.length() && object.charAt(next) == ':';
      if (isKey && object.substring(quote + 1, end).equals(name)) {
        int value = skipSpace(object, next + 1);
        if (value < object.length() && object.charAt(value) == '"') {
          return unescape(object.substring(value + 1, endOfString(object, value + 1)));
        }
      }
      at = end + 1;
    }
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  /** The index of the closing quote, or of the end of the text. */
  private static int endOfString(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, text.length());
  }

  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '\\' || at == text.length()) {
        plain.append(c);
        continue;
      }
      char escaped = text.charAt(at++);
      if (escaped == 'u' && at + 4 <= text.length()) {
        plain.append(codeUnit(text.substring(at, at + 4)));
        at += 4;
      } else {
        plain.append(control(escaped));
      }
    }
    return plain.toString();
  }

  private static char codeUnit(String hex) {
    try {
      return (char) Integer.parseInt(hex, 16);
    } catch (NumberFormatException _) {
      return '\ufffd';
    }
  }

  private static char control(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      default -> escaped;
    };
  }
}
