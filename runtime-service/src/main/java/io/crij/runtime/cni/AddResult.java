package io.crij.runtime.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What ADD returns (CNI spec, section 5, "Success"). */
final class AddResult {
  /** What can be a part of a path and of a rule: the kernel's names are wider. */
  private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_@-][A-Za-z0-9_.@-]{0,14}");

  private AddResult() {}

  /**
   * @throws CniException when {@code text} is not a JSON object
   */
  static ObjectNode parse(String text) {
    try {
      if (NetworkConfig.JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new CniException("its result is not a JSON object");
    } catch (JacksonException e) {
      throw new CniException("its result is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** As {@link #networks}, without prefix length. */
  static List<String> addresses(String result, String interfaceName) {
    return networks(result, interfaceName).stream()
        .map(address -> address.replaceFirst("/.*", ""))
        .toList();
  }

  /** The interfaces that are the node's, as far as the plugins tell. */
  static List<String> nodeInterfaces(String result) {
    List<String> names = new ArrayList<>();
    for (JsonNode device : parse(result).path("interfaces")) {
      String name = device.path("name").asString("");
      if (device.path("sandbox").asString("").isEmpty() && INTERFACE.matcher(name).matches()) {
        names.add(name);
      }
    }
    return names;
  }

  /**
   * The addresses, with prefix length, that belong to {@code interfaceName} in the pod; an address
   * that names no interface belongs to it too. The plugin's order is kept.
   */
  static List<String> networks(String result, String interfaceName) {
    ObjectNode object = parse(result);
    JsonNode interfaces = object.path("interfaces");
    List<String> addresses = new ArrayList<>();
    for (JsonNode ip : object.path("ips")) {
      JsonNode index = ip.path("interface");
      if (index.isInt() && !isPods(interfaces.path(index.asInt()), interfaceName)) {
        continue;
      }
      addresses.add(ip.path("address").asString(""));
    }
    return addresses;
  }

  private static boolean isPods(JsonNode device, String interfaceName) {
    return device.isMissingNode()
        || (device.path("name").asString("").equals(interfaceName)
            && !device.path("sandbox").asString("").isEmpty());
  }
}
