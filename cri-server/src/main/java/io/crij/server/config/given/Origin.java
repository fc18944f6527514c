package io.crij.server.config.given;

/**
 * Where a value was given.
 *
 * @param layer values of a later layer replace those of an earlier one
 * @param text as error messages name it, e.g. {@code /etc/crij/crij.toml:12}
 */
public record Origin(Layer layer, String text) {
  /** In rising order: the last one that gives a value wins. */
  public enum Layer {
    DEFAULT,
    FILE,
    ENVIRONMENT,
    FLAG
  }

  public static final Origin EMBEDDED = new Origin(Layer.DEFAULT, "default");
}
