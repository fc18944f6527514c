package io.crij.runtime.cni;

import io.crij.cri.v1.DNSConfig;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PortMapping;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What plugins can ask the runtime for (CNI conventions, "Dynamic Plugin specific fields").
 *
 * @param portMappings checked
 * @param dns checked
 * @param annotations of the pod, for plugins that ask for {@code
 *     io.kubernetes.cri.pod-annotations}, as with containerd; checked
 */
public record Capabilities(
    List<PortMapping> portMappings, DNSConfig dns, Map<String, String> annotations) {
  private static final String ANNOTATIONS = "io.kubernetes.cri.pod-annotations";

  public Capabilities {
    portMappings = List.copyOf(portMappings);
    annotations = new TreeMap<>(annotations);
  }

  /**
   * Checks what annotations say of bandwidth.
   *
   * @throws io.crij.runtime.ServiceException.InvalidArgument naming the annotation
   */
  public static void check(PodSandboxConfig config) {
    Bandwidth _ = Bandwidth.of(config.getAnnotationsMap());
  }

  public static Capabilities of(PodSandboxConfig config) {
    return new Capabilities(
        config.getPortMappingsList(), config.getDnsConfig(), config.getAnnotationsMap());
  }

  ObjectNode json() {
    ObjectNode json = NetworkConfig.JSON.createObjectNode();
    ArrayNode mappings = NetworkConfig.JSON.createArrayNode();
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
    if (dns.getServersCount() + dns.getSearchesCount() + dns.getOptionsCount() > 0) {
      ObjectNode entry = json.putObject("dns");
      dns.getServersList().forEach(entry.putArray("servers")::add);
      dns.getSearchesList().forEach(entry.putArray("searches")::add);
      dns.getOptionsList().forEach(entry.putArray("options")::add);
    }
    Bandwidth.of(annotations).addTo(json);
    if (!annotations.isEmpty()) {
      ObjectNode entry = json.putObject(ANNOTATIONS);
      annotations.forEach(entry::put);
    }
    return json;
  }
}
