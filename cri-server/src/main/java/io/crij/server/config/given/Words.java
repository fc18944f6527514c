package io.crij.server.config.given;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Choices as they are written: in lower case. */
public final class Words {
  private Words() {}

  /** The choice that a word names; null when there is none. */
  public static <E extends Enum<E>> @Nullable E find(E[] choices, String word) {
    for (E choice : choices) {
      if (word(choice).equals(word)) {
        return choice;
      }
    }
    return null;
  }

  /** All of them, for people. */
  public static String list(Enum<?>[] choices) {
    return Arrays.stream(choices).map(Words::word).collect(Collectors.joining(", "));
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
