package io.crij.runtime.names;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A number as Kubernetes writes it: decimal and binary suffixes, or an exponent. */
public final class Quantity {
  private static final Pattern FORM =
      Pattern.compile(
          "\\+?([0-9]{1,20}(?:\\.[0-9]{0,20})?)(?:([eE][+-]?[0-9]{1,2})|([kMGTP])(i?)|Ki)?");
  private static final List<String> SUFFIXES = List.of("k", "M", "G", "T", "P");

  private Quantity() {}

  /**
   * @return null when {@code text} is none
   */
  public static @Nullable BigDecimal parse(String text) {
    Matcher quantity = FORM.matcher(text);
    if (!quantity.matches() || "ki".equals(quantity.group(3) + quantity.group(4))) {
      return null;
    }
    String exponent = quantity.group(2);
    if (exponent != null) {
      return new BigDecimal(quantity.group(1) + exponent);
    }
    BigDecimal number = new BigDecimal(quantity.group(1));
    if (text.endsWith("Ki")) {
      return number.multiply(BigDecimal.valueOf(1024));
    }
    String suffix = quantity.group(3);
    if (suffix == null) {
      return number;
    }
    int unit = quantity.group(4).isEmpty() ? 1000 : 1024;
    return number.multiply(BigDecimal.valueOf(unit).pow(SUFFIXES.indexOf(suffix) + 1));
  }
}
