package io.crij.server.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** What the build wrote down of itself. */
public final class Build {
  /** For example {@code 0.1.0}. */
  public static final String VERSION = read("version");

  private Build() {}

  private static String read(String key) {
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
      properties.load(Objects.requireNonNull(in, "build.properties"));
    } catch (IOException e) {
      throw new UncheckedIOException("read build.properties: " + e.getMessage(), e);
    }
    return Objects.requireNonNull(properties.getProperty(key), key);
  }
}
