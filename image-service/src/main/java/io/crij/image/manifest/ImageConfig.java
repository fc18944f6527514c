package io.crij.image.manifest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@code config} object of an image's configuration (OCI image specification, config.md). What
 * is absent there is empty here.
 *
 * @param user {@code user}, {@code uid}, or one of them with {@code :group} or {@code :gid}
 * @param env {@code NAME=value}
 * @param stopSignal a name or a number, e.g. {@code SIGTERM}
 */
public record ImageConfig(
    String user,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String workingDir,
    Map<String, String> labels,
    Set<String> volumes,
    String stopSignal) {
  public ImageConfig {
    env = List.copyOf(env);
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    labels = Map.copyOf(labels);
    volumes = Set.copyOf(volumes);
  }

  static ImageConfig read(@Nullable JsonObject json) {
    if (json == null) {
      return new ImageConfig("", List.of(), List.of(), List.of(), "", Map.of(), Set.of(), "");
    }
    JsonObject volumes = json.optionalObject("Volumes");
    return new ImageConfig(
        textOrEmpty(json, "User"),
        json.texts("Env"),
        json.texts("Entrypoint"),
        json.texts("Cmd"),
        textOrEmpty(json, "WorkingDir"),
        json.textMap("Labels"),
        volumes == null ? Set.of() : Set.copyOf(volumes.names()),
        textOrEmpty(json, "StopSignal"));
  }

  private static String textOrEmpty(JsonObject json, String field) {
    String text = json.optionalText(field);
    return text == null ? "" : text;
  }
}
