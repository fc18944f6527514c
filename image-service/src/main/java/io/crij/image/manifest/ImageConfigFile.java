package io.crij.image.manifest;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an image (OCI image specification, config.md).
 *
 * @param platform what the image was built for
 * @param execution the defaults for its containers
 * @param diffIds digests of the uncompressed layers, lowest first
 */
public record ImageConfigFile(Platform platform, Execution execution, List<Digest> diffIds) {
  public ImageConfigFile {
    diffIds = List.copyOf(diffIds);
  }

  /**
   * The {@code config} object: how a container of the image runs unless its creator says otherwise.
   * What is absent is empty.
   */
  public record Execution(
      String user,
      List<String> env,
      List<String> entrypoint,
      List<String> cmd,
      String workingDir,
      Map<String, String> labels,
      Set<String> volumes,
      String stopSignal) {
    public Execution {
      env = List.copyOf(env);
      entrypoint = List.copyOf(entrypoint);
      cmd = List.copyOf(cmd);
      labels = Map.copyOf(labels);
      volumes = Set.copyOf(volumes);
    }

    private static Execution read(@Nullable JsonObject json) {
      if (json == null) {
        return new Execution("", List.of(), List.of(), List.of(), "", Map.of(), Set.of(), "");
      }
      JsonObject volumes = json.optionalObject("Volumes");
      return new Execution(
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

  /**
   * Reads the configuration that a manifest names.
   *
   * @throws ImageException.FailedPrecondition if the bytes are not what the manifest describes, are
   *     malformed, or name another number of layers than the manifest
   */
  public static ImageConfigFile parse(byte[] bytes, Manifest manifest) {
    manifest.config().verify(bytes);
    JsonObject json = JsonObject.parse(bytes, "image configuration");
    JsonObject rootfs = json.object("rootfs");
    if (!rootfs.text("type").equals("layers")) {
      throw rootfs.malformed("type", "not \"layers\"");
    }
    List<Digest> diffIds = rootfs.digests("diff_ids");
    if (diffIds.size() != manifest.layers().size()) {
      throw rootfs.malformed(
          "diff_ids",
          "%d, but the manifest has %d layers".formatted(diffIds.size(), manifest.layers().size()));
    }
    return new ImageConfigFile(
        Platform.read(json), Execution.read(json.optionalObject("config")), diffIds);
  }
}
