package io.crij.runtime.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A network configuration (CNI spec, section 1).
 *
 * @param json as it was read; a configuration of a single plugin is made a list of one
 */
record NetworkConfig(String name, CniVersion version, ObjectNode json) {
  static final JsonMapper JSON = new JsonMapper();

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  /**
   * Reads a list ({@code .conflist}) or a single plugin ({@code .conf}, {@code .json}).
   *
   * @throws CniException saying what is wrong
   */
  static NetworkConfig parse(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new CniException("not JSON: " + e.getOriginalMessage(), e);
    }
    if (!(root instanceof ObjectNode object)) {
      throw new CniException("not a JSON object");
    }
    ObjectNode list = object.has("plugins") ? object : listOf(object);
    String name = text(list, "name");
    if (!NAME.matcher(name).matches()) {
      throw new CniException("\"name\" is missing or not a network's name");
    }
    if (!(list.get("plugins") instanceof ArrayNode plugins) || plugins.isEmpty()) {
      throw new CniException("\"plugins\" is not a list of plugins");
    }
    for (JsonNode plugin : plugins) {
      // The type is looked up as a file in the plugin folders: it must not be a path.
      if (!NAME.matcher(text(plugin, "type")).matches()) {
        throw new CniException("a plugin's \"type\" is missing or not a plugin's name");
      }
    }
    return new NetworkConfig(name, version(list), list);
  }

  boolean disablesGc() {
    return json.path("disableGC").asBoolean(false);
  }

  boolean disablesCheck() {
    return json.path("disableCheck").asBoolean(false);
  }

  private static ObjectNode listOf(ObjectNode plugin) {
    ObjectNode list = JSON.createObjectNode();
    list.set("cniVersion", plugin.path("cniVersion"));
    list.set("name", plugin.path("name"));
    list.putArray("plugins").add(plugin);
    return list;
  }

  /** The newest of {@code cniVersion} and {@code cniVersions} that is spoken here (spec 1.1). */
  private static CniVersion version(ObjectNode list) {
    List<CniVersion> offered = new ArrayList<>();
    for (JsonNode version : list.path("cniVersions")) {
      String text = version.asString("");
      if (CniVersion.isKnown(text)) {
        offered.add(CniVersion.of(text));
      }
    }
    return offered.stream()
        .max(CniVersion::compareTo)
        .orElseGet(() -> CniVersion.of(text(list, "cniVersion")));
  }

  private static String text(JsonNode object, String key) {
    return object.path(key).asString("");
  }

  /** The plugins in their order, each with its own configuration. */
  List<ObjectNode> plugins() {
    List<ObjectNode> plugins = new ArrayList<>();
    for (JsonNode plugin : json.path("plugins")) {
      plugins.add((ObjectNode) plugin);
    }
    return plugins;
  }

  /** Whether a plugin takes ports of the node to pods. */
  boolean mapsPorts() {
    return plugins().stream()
        .anyMatch(plugin -> plugin.path("capabilities").path("portMappings").asBoolean(false));
  }

  /**
   * What a plugin reads from its standard input (CNI spec, section 3): its own configuration, the
   * network's name and version, and of the runtime's capabilities those it asks for.
   */
  ObjectNode request(ObjectNode plugin, ObjectNode runtimeConfig) {
    ObjectNode request = plugin.deepCopy();
    request.put("cniVersion", version.text());
    request.put("name", name);
    ObjectNode granted = JSON.createObjectNode();
    plugin
        .path("capabilities")
        .forEachEntry((capability, wanted) -> {
          JsonNode value = runtimeConfig.get(capability);
          if (wanted.asBoolean(false) && value != null) {
            granted.set(capability, value);
          }
        });
    request.remove("capabilities");
    if (!granted.isEmpty()) {
      request.set("runtimeConfig", granted);
    }
    return request;
  }
}
