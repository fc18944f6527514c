package io.crij.runtime.cni;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What ADD returns (CNI spec, section 5, "Success"). */
final class AddResult {
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

  /**
   * The addresses, without prefix length, that belong to {@code interfaceName} in the pod; an
   * address that names no interface belongs to it too. The plugin's order is kept.
   */
  static List<String> addresses(String result, String interfaceName) {
    ObjectNode object = parse(result);
    JsonNode interfaces = object.path("interfaces");
    List<String> addresses = new ArrayList<>();
    for (JsonNode ip : object.path("ips")) {
      JsonNode index = ip.path("interface");
      if (index.isInt() && !isPods(interfaces.path(index.asInt()), interfaceName)) {
        continue;
      }
      String address = ip.path("address").asString("");
      int prefix = address.indexOf('/');
      addresses.add(prefix < 0 ? address : address.substring(0, prefix));
    }
    return addresses;
  }

  private static boolean isPods(JsonNode device, String interfaceName) {
    return device.isMissingNode()
        || (device.path("name").asString("").equals(interfaceName)
            && !device.path("sandbox").asString("").isEmpty());
  }
}
