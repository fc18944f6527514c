package io.crij.runtime.oci.spec;

import io.crij.cri.v1.Capability;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.settings.ProcessSettings;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/**
 * Capabilities of the first process (capabilities(7)). The inheritable and the ambient set are
 * empty unless ambient ones are asked for, or the configuration says so of the inheritable one.
 *
 * @param held bounding, permitted and effective set
 * @param inheritable contains {@code ambient}
 * @param ambient contained in {@code held}
 */
record Capabilities(Set<String> held, Set<String> inheritable, Set<String> ambient) {
  private static final String ALL = "ALL";

  /**
   * Defaults, with what the request adds and drops; ALL stands for what this node can give, and a
   * single name wins over ALL of the other list.
   */
  static Capabilities of(
      LinuxContainerSecurityContext security, NodeFacts node, ProcessSettings settings) {
    Set<String> available = node.boundingCapabilities();
    if (security.getPrivileged()) {
      return new Capabilities(new TreeSet<>(available), Set.of(), Set.of());
    }
    Capability request = security.getCapabilities();
    List<String> add = request.getAddCapabilitiesList().stream().map(Capabilities::name).toList();
    List<String> drop = request.getDropCapabilitiesList().stream().map(Capabilities::name).toList();
    Set<String> held = new TreeSet<>(settings.capabilities());
    held.retainAll(available);
    if (add.contains(ALL)) {
      held.addAll(available);
    }
    if (drop.contains(ALL)) {
      held.clear();
    }
    for (String capability : add) {
      if (!capability.equals(ALL)) {
        held.add(available(capability, available, node));
      }
    }
    held.removeAll(drop);
    Set<String> ambient = new TreeSet<>();
    for (String capability : request.getAddAmbientCapabilitiesList()) {
      ambient.add(available(name(capability), available, node));
    }
    held.addAll(ambient);
    return new Capabilities(held, settings.inheritableCapabilities() ? held : ambient, ambient);
  }

  private static String name(String requested) {
    String name = requested.toUpperCase(Locale.ROOT);
    return name.equals(ALL) || name.startsWith("CAP_") ? name : "CAP_" + name;
  }

  private static String available(String capability, Set<String> available, NodeFacts node) {
    if (!node.knowsCapability(capability)) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.capabilities: unknown capability " + capability);
    }
    if (!available.contains(capability)) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.capabilities: this node cannot give "
              + capability
              + ": it is missing from the runtime's own bounding set");
    }
    return capability;
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.set("bounding", Json.strings(held));
    json.set("effective", Json.strings(held));
    json.set("permitted", Json.strings(held));
    if (!inheritable.isEmpty()) {
      json.set("inheritable", Json.strings(inheritable));
    }
    if (!ambient.isEmpty()) {
      json.set("ambient", Json.strings(ambient));
    }
    return json;
  }
}
