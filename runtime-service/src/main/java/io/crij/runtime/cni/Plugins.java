package io.crij.runtime.cni;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs plugins by the protocol of the CNI spec, section 2. */
final class Plugins {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  // For questions: somebody waits for the answer.
  private static final Duration SHORT_LIMIT = Duration.ofSeconds(10);

  private final List<Path> folders;
  private final Duration limit;

  /**
   * @param folders where plugins are looked for, in this order
   * @param limit for one run of one plugin
   */
  Plugins(List<Path> folders, Duration limit) {
    this.folders = folders;
    this.limit = limit;
  }

  /**
   * Attaches by one plugin.
   *
   * @return its result
   * @throws CniException naming the plugin, with its own words
   */
  ObjectNode add(ObjectNode request, Attachment attachment, Path netns) {
    String output = run("ADD", request, attachment, netns.toString(), limit);
    try {
      return AddResult.parse(output);
    } catch (CniException e) {
      throw failed(request, "ADD", e);
    }
  }

  /**
   * Detaches by one plugin.
   *
   * @param netns null when the network namespace is gone
   * @throws CniException naming the plugin, with its own words
   */
  void del(ObjectNode request, Attachment attachment, @Nullable Path netns) {
    run("DEL", request, attachment, netns == null ? "" : netns.toString(), limit);
  }

  /**
   * Checks an attachment by one plugin.
   *
   * @throws CniException naming the plugin, with its own words
   */
  void check(ObjectNode request, Attachment attachment, Path netns) {
    run("CHECK", request, attachment, netns.toString(), shortLimit());
  }

  private String run(
      String command, ObjectNode request, Attachment attachment, String netns, Duration runLimit) {
    Map<String, String> parameters =
        Map.of(
            "CNI_CONTAINERID", attachment.sandboxId(),
            "CNI_NETNS", netns,
            "CNI_IFNAME", attachment.interfaceName(),
            "CNI_ARGS", attachment.args());
    try {
      return run(command, request, parameters, runLimit);
    } catch (CniException e) {
      LeftoverPlugins.kill(attachment.sandboxId());
      throw e;
    }
  }

  /**
   * Runs one plugin for a whole network.
   *
   * @param command {@code GC} or {@code STATUS}
   * @throws CniException naming the plugin, with its own words
   */
  void forNetwork(String command, ObjectNode request) {
    run(command, request, Map.of(), shortLimit());
  }

  private Duration shortLimit() {
    return limit.compareTo(SHORT_LIMIT) < 0 ? limit : SHORT_LIMIT;
  }

  private String run(
      String command, ObjectNode request, Map<String, String> parameters, Duration runLimit) {
    Map<String, String> environment = new HashMap<>(parameters);
    environment.put("CNI_COMMAND", command);
    environment.put(
        "CNI_PATH", folders.stream().map(Path::toString).collect(Collectors.joining(":")));
    environment.put("PATH", System.getenv().getOrDefault("PATH", DEFAULT_PATH));
    byte[] input = request.toString().getBytes(StandardCharsets.UTF_8);
    try {
      Path program = find(type(request));
      PluginProcess.Output output = new PluginProcess(program, environment, runLimit).run(input);
      if (output.exitCode() != 0) {
        throw new CniException(failure(output));
      }
      return output.output();
    } catch (CniException e) {
      throw failed(request, command, e);
    }
  }

  private static String type(ObjectNode request) {
    return request.path("type").asString("");
  }

  private static CniException failed(ObjectNode request, String command, CniException cause) {
    return new CniException(
        "CNI plugin " + type(request) + ", " + command + ": " + cause.getMessage(), cause);
  }

  private Path find(String type) {
    for (Path folder : folders) {
      Path program = folder.resolve(type);
      if (Files.isRegularFile(program) && Files.isExecutable(program)) {
        return program;
      }
    }
    throw new CniException("there is no such plugin in " + folders);
  }

  /** The plugin's own words (CNI spec, section 5, "Error"), or all it wrote. */
  private static String failure(PluginProcess.Output output) {
    try {
      JsonNode error = NetworkConfig.JSON.readTree(output.output());
      String message = error.path("msg").asString("");
      if (!message.isEmpty()) {
        String details = error.path("details").asString("");
        return details.isEmpty() ? message : message + "; " + details;
      }
    } catch (JacksonException _) {
      // Not the JSON it should be: shown as it is.
    }
    String words = (output.output().strip() + " " + output.error()).strip();
    int shown = Math.min(words.length(), 1000);
    return "exit code " + output.exitCode() + (shown == 0 ? "" : ": " + words.substring(0, shown));
  }
}
