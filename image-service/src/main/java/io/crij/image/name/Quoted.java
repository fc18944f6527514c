package io.crij.image.name;

/** Text of an unknown origin as it may stand in a message: short, printable, in quotes. */
public final class Quoted {
  private static final int LONGEST = 160;

  private Quoted() {}

  /** The text in double quotes, cut if long, with all but printable ASCII escaped. */
  public static String of(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append(text.length() > LONGEST ? "…\"" : "\"").toString();
  }
}
