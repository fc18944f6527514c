package io.crij.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The JSON files that crictl makes pods and containers from. */
public final class PodFiles {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final String pod;

  /**
   * @param folder for the files, and for the logs of the pod
   */
  public PodFiles(Path folder, String pod) {
    this.folder = folder;
    this.pod = pod;
  }

  /** A pod with a network of its own. */
  public String pod() throws IOException {
    return pod(Map.of("hostname", pod));
  }

  /** A pod in the host's network. */
  public String hostNetworkPod() throws IOException {
    Map<String, Object> namespaces = Map.of("namespace_options", Map.of("network", 2, "pid", 1));
    return pod(Map.of("linux", Map.of("security_context", namespaces)));
  }

  /** A container of the pod; its log is {@code <name>.log} in the folder. */
  public String container(String name, String image, String... command) throws IOException {
    return container(name, image, false, command);
  }

  /** A container that has a part of an image as a volume at {@code /volume}. */
  public String containerWithVolume(
      String name, String image, String volume, String subPath, String... command)
      throws IOException {
    Map<String, Object> mount =
        Map.of(
            "container_path",
            "/volume",
            "image",
            Map.of("image", volume),
            "image_sub_path",
            subPath,
            "readonly",
            true);
    Map<String, Object> config = config(name, image, false, command);
    config.put("mounts", List.of(mount));
    return write(name + ".json", config);
  }

  /** A container whose input is kept open for who attaches. */
  public String reader(String name, String image, String... command) throws IOException {
    Map<String, Object> config = config(name, image, false, command);
    config.put("stdin", true);
    return write(name + ".json", config);
  }

  /** A container with a terminal. */
  public String terminal(String name, String image, String... command) throws IOException {
    return container(name, image, true, command);
  }

  private String container(String name, String image, boolean terminal, String... command)
      throws IOException {
    return write(name + ".json", config(name, image, terminal, command));
  }

  private static Map<String, Object> config(
      String name, String image, boolean terminal, String... command) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("metadata", Map.of("name", name));
    config.put("image", Map.of("image", image));
    config.put("command", List.of(command));
    config.put("tty", terminal);
    config.put("log_path", name + ".log");
    config.put("linux", Map.of());
    return config;
  }

  public Path log(String container) {
    return folder.resolve(container + ".log");
  }

  private String pod(Map<String, Object> more) throws IOException {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(
        "metadata", Map.of("name", pod, "namespace", "default", "uid", pod + "-uid", "attempt", 0));
    config.put("log_directory", folder.toString());
    config.put("dns_config", Map.of("servers", List.of("192.0.2.53")));
    config.put("linux", Map.of());
    config.putAll(more);
    return write(pod + ".json", config);
  }

  private String write(String name, Map<String, Object> config) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, JSON.writeValueAsBytes(config));
    return file.toString();
  }
}
