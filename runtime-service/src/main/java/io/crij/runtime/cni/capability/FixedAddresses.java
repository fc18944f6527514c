package io.crij.runtime.cni.capability;

import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.names.RequestText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The addresses that a pod asks for, in the words of the Network Plumbing Working Group's
 * "Kubernetes Network Custom Resource Definition De-facto Standard" (network selection annotation,
 * {@code ips} and {@code mac}), which Multus reads for the default network from the same
 * annotation.
 *
 * @param ips with or without a prefix length
 * @param mac empty: none is asked for
 */
record FixedAddresses(List<String> ips, String mac) {
  private static final String ANNOTATION = "v1.multus-cni.io/default-network";
  private static final FixedAddresses NONE = new FixedAddresses(List.of(), "");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern MAC = Pattern.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}");
  private static final int MAX_ADDRESSES = 16;

  /**
   * The short form of the annotation, a network's name alone, asks for no address.
   *
   * @throws InvalidArgument naming the annotation
   */
  static FixedAddresses of(Map<String, String> annotations) {
    String text = annotations.getOrDefault(ANNOTATION, "").strip();
    return text.startsWith("[") ? parse(text) : NONE;
  }

  private static FixedAddresses parse(String text) {
    JsonNode list;
    try {
      list = JSON.readTree(text);
    } catch (JacksonException e) {
      throw refused("is not JSON: " + e.getOriginalMessage());
    }
    if (list.size() != 1 || !(list.get(0) instanceof ObjectNode network)) {
      throw refused("does not name one network");
    }
    return new FixedAddresses(ips(network.path("ips")), mac(network.path("mac")));
  }

  private static List<String> ips(JsonNode asked) {
    if (asked.isMissingNode()) {
      return List.of();
    }
    if (!(asked instanceof ArrayNode list) || list.size() > MAX_ADDRESSES) {
      throw refused("\"ips\" is not a list of at most " + MAX_ADDRESSES + " addresses");
    }
    List<String> ips = new ArrayList<>();
    list.forEach(ip -> ips.add(ip(ip.asString(""))));
    return ips;
  }

  private static String ip(String text) {
    int slash = text.indexOf('/');
    String address =
        RequestText.ipAddress(
            "annotations: " + ANNOTATION, slash < 0 ? text : text.substring(0, slash));
    if (slash >= 0 && !RequestText.isPrefixLength(text.substring(slash + 1), address)) {
      throw refused(
          "\"" + address + "\" has a prefix length beyond 0 to " + RequestText.bitsOf(address));
    }
    return text;
  }

  private static String mac(JsonNode asked) {
    String mac = asked.asString("");
    if (!asked.isMissingNode() && !MAC.matcher(mac).matches()) {
      throw refused("\"mac\" is not an address of six bytes");
    }
    return mac;
  }

  private static InvalidArgument refused(String reason) {
    return new InvalidArgument("annotations: " + ANNOTATION + ": " + reason);
  }

  /** Adds the capabilities, where they are asked for (CNI conventions, "ips" and "mac"). */
  void addTo(ObjectNode capabilities) {
    if (!ips.isEmpty()) {
      ips.forEach(capabilities.putArray("ips")::add);
    }
    if (!mac.isEmpty()) {
      capabilities.put("mac", mac);
    }
  }
}
