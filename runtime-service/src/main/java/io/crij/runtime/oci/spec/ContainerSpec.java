package io.crij.runtime.oci.spec;

import io.crij.cri.v1.IDMapping;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import io.crij.runtime.hooks.Hook;
import io.crij.runtime.hooks.Hooks;
import io.crij.runtime.oci.base.BaseSpec;
import io.crij.runtime.oci.mounts.ContainerMounts;
import io.crij.runtime.oci.mounts.HostMounts;
import io.crij.runtime.oci.mounts.SpecMount;
import io.crij.runtime.oci.seccomp.SeccompFilter;
import io.crij.runtime.selinux.Relabelling;
import io.crij.runtime.selinux.Selinux;
import io.crij.runtime.settings.PodAnnotation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The whole specification (runtime-spec, config.md). */
public final class ContainerSpec {
  // What runc 1.1 and crun 1.8 both accept, and all that is used here needs.
  private static final String VERSION = "1.0.2";

  private ContainerSpec() {}

  /**
   * Makes the specification.
   *
   * <p>Its annotations are those that the configuration gives or lets through: OCI runtimes act on
   * some ({@code run.oci.*}, {@code org.systemd.property.*}), and those of the request and the
   * image belong to the tenant.
   *
   * @throws io.crij.runtime.ServiceException.InvalidArgument naming the field of the request
   */
  public static ObjectNode of(SpecInput input) {
    UnsupportedFields.refuse(input.config());
    Capabilities capabilities =
        Capabilities.of(input.security(), input.node(), input.settings().process());
    ObjectNode spec = Json.object();
    spec.put("ociVersion", VERSION);
    spec.set("process", InitProcess.of(input, capabilities));
    ObjectNode root = spec.putObject("root");
    root.put("path", input.rootfs().toString());
    root.put("readonly", input.readOnly());
    ContainerMounts mounts =
        ContainerMounts.of(
            input.config(),
            input.pod().files(),
            new HostMounts(input.features(), input.settings().mounts(), relabelling(input)),
            input.settings().mounts(),
            cgroupAccess(input),
            input.edits().mounts());
    spec.set("mounts", Json.nodes(mounts.mounts().stream().map(ContainerSpec::mount).toList()));
    setAnnotations(spec, input);
    setHooks(spec, input);
    spec.set("linux", linux(input, capabilities, mounts));
    Path base = input.handlerSettings().baseSpec();
    if (base != null) {
      BaseSpec.read(base).under(spec);
    }
    return spec;
  }

  private static Relabelling relabelling(SpecInput input) {
    Selinux selinux = input.selinux();
    boolean sparing = input.asked(PodAnnotation.TRY_SKIP_VOLUME_SELINUX_LABEL).equals("true");
    return selinux == null ? Relabelling.NONE : selinux.relabelling(input.security(), sparing);
  }

  private static void setAnnotations(ObjectNode spec, SpecInput input) {
    Map<String, String> passed =
        input
            .handlerSettings()
            .annotations()
            .passed(input.pod().annotations(), input.config().getAnnotationsMap());
    if (!passed.isEmpty()) {
      ObjectNode annotations = spec.putObject("annotations");
      passed.forEach(annotations::put);
    }
  }

  /** How /sys/fs/cgroup is mounted. Version 1 has files by which its writers have root's rights. */
  private static String cgroupAccess(SpecInput input) {
    boolean wanted = input.asked(PodAnnotation.CGROUP_WRITABLE).equals("true");
    if (wanted && !input.node().cgroups().unified()) {
      throw new ServiceException.InvalidArgument(
          "annotations: "
              + PodAnnotation.CGROUP_WRITABLE.names().getFirst()
              + ": this node has cgroup v1, to which containers do not write");
    }
    return wanted || input.security().getPrivileged() ? "rw" : "ro";
  }

  /** The administrator's, and those that come with devices. */
  private static void setHooks(ObjectNode spec, SpecInput input) {
    Map<String, String> annotations = new HashMap<>(input.pod().annotations());
    annotations.putAll(input.config().getAnnotationsMap());
    List<Hook> hooks = new ArrayList<>();
    if (!input.settings().hooksDirs().isEmpty()) {
      String command = InitProcess.arguments(input.config(), input.image()).getFirst();
      boolean hasMounts = input.config().getMountsCount() > 0;
      hooks.addAll(Hooks.matching(input.settings().hooksDirs(), annotations, command, hasMounts));
    }
    hooks.addAll(input.edits().hooks());
    if (!hooks.isEmpty()) {
      spec.set("hooks", hooks(hooks));
    }
  }

  private static ObjectNode hooks(List<Hook> hooks) {
    ObjectNode json = Json.object();
    for (Hook hook : hooks) {
      ObjectNode entry = json.withArray(hook.stage()).addObject();
      entry.put("path", hook.path());
      if (!hook.args().isEmpty()) {
        entry.set("args", Json.strings(hook.args()));
      }
      if (!hook.env().isEmpty()) {
        entry.set("env", Json.strings(hook.env()));
      }
      if (hook.timeoutSeconds() != null) {
        entry.put("timeout", hook.timeoutSeconds());
      }
    }
    return json;
  }

  private static ObjectNode mount(SpecMount mount) {
    ObjectNode json = Json.object();
    json.put("destination", mount.destination());
    json.put("type", mount.type());
    json.put("source", mount.source());
    json.set("options", Json.strings(mount.options()));
    if (!mount.uids().isEmpty()) {
      json.set("uidMappings", mappings(mount.uids()));
      json.set("gidMappings", mappings(mount.gids()));
    }
    return json;
  }

  private static ArrayNode mappings(List<IDMapping> mappings) {
    ArrayNode json = Json.array();
    for (IDMapping mapping : mappings) {
      json.addObject()
          .put("containerID", Integer.toUnsignedLong(mapping.getContainerId()))
          .put("hostID", Integer.toUnsignedLong(mapping.getHostId()))
          .put("size", Integer.toUnsignedLong(mapping.getLength()));
    }
    return json;
  }

  private static ObjectNode linux(
      SpecInput input, Capabilities capabilities, ContainerMounts mounts) {
    ObjectNode linux = Json.object();
    linux.set("namespaces", Namespaces.of(input.pod(), input.node()));
    UserNamespace user = input.pod().user();
    if (user != null) {
      linux.set("uidMappings", UserNamespace.json(user.uids()));
      linux.set("gidMappings", UserNamespace.json(user.gids()));
    }
    linux.put("cgroupsPath", PodCgroups.forRuntime(input.cgroupPath()));
    Devices devices = Devices.of(input);
    if (!devices.nodes().isEmpty()) {
      linux.set("devices", Json.nodes(devices.nodes()));
    }
    ObjectNode resources =
        Resources.of(input.resources(), input.node(), input.handlerSettings().minMemoryBytes());
    long pids = input.settings().process().pidsLimit();
    if (pids > 0 && input.node().cgroups().has("pids")) {
      resources.putObject("pids").put("limit", pids);
    }
    resources.set("devices", Json.nodes(devices.cgroupRules()));
    linux.set("resources", resources);
    if (!input.security().getPrivileged()) {
      linux.set("maskedPaths", Json.strings(ProtectedPaths.masked(input.security(), input.node())));
      linux.set("readonlyPaths", Json.strings(ProtectedPaths.readOnly(input.security())));
    }
    ObjectNode seccomp =
        SeccompFilter.of(
            input.security(),
            input.settings().seccomp(input.handler()),
            capabilities.held(),
            input.node().seccomp());
    if (seccomp != null) {
      linux.set("seccomp", seccomp);
    }
    String propagation = mounts.rootfsPropagation();
    if (!propagation.isEmpty()) {
      linux.put("rootfsPropagation", propagation);
    }
    Selinux selinux = input.selinux();
    String label = selinux == null ? "" : selinux.ofFiles(input.security());
    if (!label.isEmpty()) {
      linux.put("mountLabel", label);
    }
    return linux;
  }
}
