package io.crij.runtime.cni.capability;

import io.crij.cri.v1.DNSConfig;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PortMapping;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What plugins can ask the runtime for (CNI conventions, "Dynamic Plugin specific fields").
 *
 * @param portMappings checked
 * @param dns checked
 * @param annotations of the pod, for plugins that ask for {@code
 *     io.kubernetes.cri.pod-annotations}, as with containerd; checked
 * @param cgroupPath the pod's, below the root of cgroups; empty: none
 */
public record Capabilities(
    List<PortMapping> portMappings,
    DNSConfig dns,
    Map<String, String> annotations,
    String cgroupPath) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

  public Capabilities {
    portMappings = List.copyOf(portMappings);
    annotations = new TreeMap<>(annotations);
  }

  /**
   * Checks what annotations say of bandwidth and addresses.
   *
   * @throws io.crij.runtime.ServiceException.InvalidArgument naming the annotation
   */
  public static void check(PodSandboxConfig config) {
    Bandwidth _ = Bandwidth.of(config.getAnnotationsMap());
    FixedAddresses _ = FixedAddresses.of(config.getAnnotationsMap());
  }

  /**
   * @param config checked
   * @param cgroupPath the pod's, below the root of cgroups
   */
  public static Capabilities of(PodSandboxConfig config, String cgroupPath) {
    return new Capabilities(
        config.getPortMappingsList(),
        config.getDnsConfig(),
        config.getAnnotationsMap(),
        cgroupPath);
  }

  /** All of them, by their names: each plugin is given those that it asks for. */
  public ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    addPortMappings(json);
    if (dns.getServersCount() + dns.getSearchesCount() + dns.getOptionsCount() > 0) {
      ObjectNode entry = json.putObject("dns");
      dns.getServersList().forEach(entry.putArray("servers")::add);
      dns.getSearchesList().forEach(entry.putArray("searches")::add);
      dns.getOptionsList().forEach(entry.putArray("options")::add);
    }
    Bandwidth.of(annotations).addTo(json);
    FixedAddresses.of(annotations).addTo(json);
    if (!cgroupPath.isEmpty()) {
      json.put("cgroupPath", cgroupPath);
    }
    if (!annotations.isEmpty()) {
      ObjectNode entry = json.putObject(ANNOTATIONS);
      annotations.forEach(entry::put);
    }
    return json;
  }

  private void addPortMappings(ObjectNode json) {
    ArrayNode mappings = JSON.createArrayNode();
    for (PortMapping mapping : portMappings) {
      // Host port 0 means: not exposed on the host (CRI, PortMapping).
      if (mapping.getHostPort() > 0) {
        ObjectNode entry = mappings.addObject();
        entry.put("hostPort", mapping.getHostPort());
        entry.put("containerPort", mapping.getContainerPort());
        entry.put("protocol", mapping.getProtocol().name().toLowerCase(Locale.ROOT));
        if (!mapping.getHostIp().isEmpty()) {
          entry.put("hostIP", mapping.getHostIp());
        }
      }
    }
    if (!mappings.isEmpty()) {
      json.set("portMappings", mappings);
    }
  }
}
