package io.crij.runtime.pod;

import io.crij.cri.v1.DNSConfig;
import io.crij.cri.v1.LinuxSandboxSecurityContext;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Sysctl;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.cgroup.PodCgroups;
import io.crij.runtime.cni.capability.Capabilities;
import io.crij.runtime.hostport.HostPort;
import io.crij.runtime.names.RequestText;
import io.crij.runtime.sandbox.SandboxNamespaces;
import io.crij.runtime.sandbox.SandboxSysctls;
import io.crij.runtime.sandbox.ShmSize;
import io.crij.runtime.sandbox.UserMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A checked request for a pod: what is wrong with it is said before anything is done.
 *
 * @param hostname as requested; empty when the request names none
 * @param namespaces those the pod gets of its own
 * @param shmBytes of its {@code /dev/shm}, if that is its own
 */
record PodRequest(
    PodSandboxConfig config,
    String runtimeHandler,
    String cgroupParent,
    String hostname,
    Set<NamespaceType> namespaces,
    List<Sysctl> sysctls,
    long shmBytes) {

  private static final int MAX_PORT = 65535;

  /**
   * @param nodeName the node's host name
   * @param handlers the handler that a pod has, by the one that it asks for
   * @throws InvalidArgument naming the field
   */
  static PodRequest of(
      RunPodSandboxRequest request,
      RuntimeServiceConfig service,
      String nodeName,
      UnaryOperator<String> handlers) {
    PodSandboxConfig config = request.getConfig();
    checkMetadata(config);
    Capabilities.check(config);
    if (config.hasWindows()) {
      throw new InvalidArgument("config.windows: pods of this node are of Linux");
    }
    String handler = request.getRuntimeHandler();
    if (!handler.isEmpty() && !service.runtimes().containsKey(handler)) {
      throw new InvalidArgument(
          "runtime_handler: \"" + handler + "\" is not one of " + service.runtimes().keySet());
    }
    String hostname = config.getHostname();
    if (!hostname.isEmpty()) {
      RequestText.hostname("hostname", hostname);
    }
    if (!config.getLogDirectory().isEmpty()) {
      RequestText.absolutePath("log_directory", config.getLogDirectory());
    }
    checkDns(config.getDnsConfig());
    checkPorts(config.getPortMappingsList());
    checkSecurity(config.getLinux().getSecurityContext());
    NamespaceOption options = config.getLinux().getSecurityContext().getNamespaceOptions();
    checkNamespaces(options);
    Set<NamespaceType> own =
        SandboxNamespaces.own(options, !hostname.isEmpty() && !hostname.equals(nodeName));
    String shm = ShmSize.asked(config, handlers.apply(handler), service.settings());
    ShmSize.check(shm, own);
    Map<String, String> configured = service.settings().sysctls();
    List<Sysctl> sysctls =
        SandboxSysctls.of(
            config.getLinux().getSysctlsMap(),
            own,
            userNamespace(options) ? SandboxSysctls.withoutIpc(configured) : configured);
    if (userNamespace(options) && sysctls.stream().anyMatch(SandboxSysctls::isOfIpc)) {
      throw new InvalidArgument(
          "linux.sysctls: one of the IPC namespace of a pod with user namespace");
    }
    return new PodRequest(
        config,
        handler,
        PodCgroups.parent(
            service.cgroupManager(), config.getLinux().getCgroupParent(), service.cgroupParent()),
        hostname,
        own,
        sysctls,
        ShmSize.bytes(shm, service.shmBytes()));
  }

  /** Whether the pod has a network namespace of its own. */
  boolean hasOwnNetwork() {
    return namespaces.contains(NamespaceType.NETWORK);
  }

  /** Whether the pod has a user namespace of its own. */
  boolean hasUserNamespace() {
    return userNamespace(config.getLinux().getSecurityContext().getNamespaceOptions());
  }

  private static boolean userNamespace(NamespaceOption options) {
    return options.hasUsernsOptions() && options.getUsernsOptions().getMode() == NamespaceMode.POD;
  }

  /** Those to be written before the pod has its interface. */
  List<Sysctl> earlySysctls() {
    return sysctls.stream().filter(sysctl -> !SandboxSysctls.isOfInterface(sysctl)).toList();
  }

  /** Those that are only there once the pod has its interface. */
  List<Sysctl> interfaceSysctls() {
    return sysctls.stream().filter(SandboxSysctls::isOfInterface).toList();
  }

  private static void checkMetadata(PodSandboxConfig config) {
    if (!config.hasMetadata()) {
      throw new InvalidArgument("config.metadata is missing");
    }
    PodSandboxMetadata metadata = config.getMetadata();
    RequestText.pathPart("metadata.name", metadata.getName());
    RequestText.pathPart("metadata.namespace", metadata.getNamespace());
    if (!metadata.getUid().isEmpty()) {
      RequestText.pathPart("metadata.uid", metadata.getUid());
    }
  }

  private static void checkDns(DNSConfig dns) {
    dns.getServersList().forEach(text -> RequestText.ipAddress("dns_config.servers", text));
    dns.getSearchesList().forEach(text -> RequestText.searchDomain("dns_config.searches", text));
    dns.getOptionsList().forEach(text -> RequestText.resolverOption("dns_config.options", text));
  }

  private static void checkPorts(List<PortMapping> mappings) {
    List<PortMapping> taken = new ArrayList<>();
    for (PortMapping mapping : mappings) {
      checkPort(mapping);
      if (mapping.getHostPort() > 0) {
        taken.forEach(other -> checkBoth(mapping, other));
        taken.add(mapping);
      }
    }
  }

  /** The same twice is once: containers of a pod may each name it. */
  private static void checkBoth(PortMapping mapping, PortMapping other) {
    HostPort port = HostPort.of(mapping);
    if (port.overlaps(HostPort.of(other))
        && mapping.getContainerPort() != other.getContainerPort()) {
      throw new InvalidArgument("port_mappings: " + port + " is to lead to two ports");
    }
  }

  private static void checkPort(PortMapping mapping) {
    if (mapping.getProtocol() == Protocol.UNRECOGNIZED) {
      throw new InvalidArgument("port_mappings: protocol " + mapping.getProtocolValue());
    }
    int lowest = mapping.getHostPort() == 0 ? 0 : 1;
    if (mapping.getHostPort() < 0
        || mapping.getHostPort() > MAX_PORT
        || mapping.getContainerPort() < lowest
        || mapping.getContainerPort() > MAX_PORT) {
      throw new InvalidArgument(
          "port_mappings: host port "
              + mapping.getHostPort()
              + " to container port "
              + mapping.getContainerPort()
              + " is not a mapping of ports");
    }
    if (!mapping.getHostIp().isEmpty()) {
      RequestText.ipAddress("port_mappings.host_ip", mapping.getHostIp());
      if (mapping.getHostIp().contains("%")) {
        throw new InvalidArgument("port_mappings.host_ip: an address with a zone");
      }
    }
  }

  private static void checkSecurity(LinuxSandboxSecurityContext context) {
    if (context.hasRunAsGroup() && !context.hasRunAsUser()) {
      throw new InvalidArgument("linux.security_context: run_as_group without run_as_user");
    }
  }

  private static void checkNamespaces(NamespaceOption options) {
    check("network", options.getNetwork(), NamespaceMode.POD, NamespaceMode.NODE);
    check("ipc", options.getIpc(), NamespaceMode.POD, NamespaceMode.NODE);
    check("pid", options.getPid(), NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE);
    UserMapping.check(options);
  }

  private static void check(String field, NamespaceMode mode, NamespaceMode... allowed) {
    if (!List.of(allowed).contains(mode)) {
      throw new InvalidArgument(
          "namespace_options." + field + ": a pod cannot have mode " + mode.name());
    }
  }
}
