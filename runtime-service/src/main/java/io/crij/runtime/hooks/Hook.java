package io.crij.runtime.hooks;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program to run.
 *
 * @param stage as in {@code createRuntime}
 * @param path of the node
 * @param args with the program's own name; empty: that alone
 * @param env {@code NAME=value} each
 * @param timeoutSeconds null: none
 */
public record Hook(
    String stage,
    String path,
    List<String> args,
    List<String> env,
    @Nullable Integer timeoutSeconds) {
  /** Runtime-spec 1.0.2; {@code prestart} is what was before {@code createRuntime}. */
  public static final List<String> STAGES =
      List.of(
          "prestart",
          "createRuntime",
          "createContainer",
          "startContainer",
          "poststart",
          "poststop");

  public Hook {
    args = List.copyOf(args);
    env = List.copyOf(env);
  }
}
