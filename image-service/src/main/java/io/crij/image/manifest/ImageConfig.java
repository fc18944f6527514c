package io.crij.image.records;

import java.util.List;
import java.util.Map;
import java.util.Set;

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
}
