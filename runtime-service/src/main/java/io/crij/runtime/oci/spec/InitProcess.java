package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.image.manifest.ImageConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.apparmor.ContainerProfile;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.oci.node.ResourceLimit;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.selinux.Selinux;
import io.crij.runtime.settings.PodAnnotation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The first process (runtime-spec, config.md, "Process"). */
final class InitProcess {
  private static final Pattern UMASK = Pattern.compile("0?[0-7]{1,3}");
  private static final int LOWEST_SCORE = -1000;
  private static final int HIGHEST_SCORE = 1000;

  private InitProcess() {}

  static ObjectNode of(SpecInput input, Capabilities capabilities) {
    ObjectNode process = Json.object();
    process.put("terminal", input.config().getTty());
    process.set("user", user(input));
    process.set("args", Json.strings(arguments(input.config(), input.image())));
    process.set("env", Json.strings(Environment.of(input)));
    process.put("cwd", input.workingDirectory());
    process.set("capabilities", capabilities.json());
    process.set("rlimits", rlimits(input.node(), input.settings().process().limits()));
    process.put("noNewPrivileges", input.security().getNoNewPrivs());
    process.put("oomScoreAdj", oomScore(input.resources().getOomScoreAdj(), input.node()));
    String profile =
        ContainerProfile.of(
            input.security(), input.apparmor(), input.settings().process().apparmorProfile());
    if (!profile.isEmpty()) {
      process.put("apparmorProfile", profile);
    }
    if (input.selinux() != null) {
      String label = Selinux.ofProcesses(input.security(), input.settings().process().selinux());
      if (!label.isEmpty()) {
        process.put("selinuxLabel", label);
      }
    }
    return process;
  }

  /** As the kubelet's "command" and "args" are defined: a command replaces the image's wholly. */
  static List<String> arguments(ContainerConfig config, ImageConfig image) {
    List<String> arguments = new ArrayList<>();
    if (config.getCommandCount() > 0) {
      arguments.addAll(config.getCommandList());
      arguments.addAll(config.getArgsList());
    } else {
      arguments.addAll(image.entrypoint());
      arguments.addAll(config.getArgsCount() > 0 ? config.getArgsList() : image.cmd());
    }
    if (arguments.isEmpty()) {
      throw new ServiceException.InvalidArgument(
          "command: neither the request nor the image names one");
    }
    for (String argument : arguments) {
      if (argument.indexOf('\0') >= 0) {
        throw new ServiceException.InvalidArgument("command: an argument holds NUL");
      }
    }
    return arguments;
  }

  private static ObjectNode user(SpecInput input) {
    ContainerIdentity identity = input.user();
    ObjectNode user = Json.object();
    user.put("uid", identity.uid());
    user.put("gid", identity.gid());
    ArrayNode groups = user.putArray("additionalGids");
    Set<Long> all = new LinkedHashSet<>(identity.groups());
    all.addAll(input.edits().groups());
    all.forEach(groups::add);
    String umask = input.asked(PodAnnotation.UMASK);
    if (!umask.isEmpty()) {
      user.put("umask", umask(umask));
    }
    return user;
  }

  private static int umask(String text) {
    if (!UMASK.matcher(text).matches()) {
      throw new ServiceException.InvalidArgument(
          "annotations: "
              + PodAnnotation.UMASK.names().getFirst()
              + ": '"
              + text
              + "' is not a umask of octal digits");
    }
    return Integer.parseInt(text, 8);
  }

  // Always all of them: the OCI runtime would pass on the monitor's own.
  private static ArrayNode rlimits(NodeFacts node, List<ResourceLimit> configured) {
    Map<String, ResourceLimit> all = new LinkedHashMap<>();
    node.limits().forEach(limit -> all.put(limit.type(), limit));
    configured.forEach(limit -> all.put(limit.type(), limit));
    ArrayNode limits = Json.array();
    for (ResourceLimit limit : all.values()) {
      ObjectNode entry = limits.addObject();
      entry.put("type", limit.type());
      entry.put("hard", limit.hard());
      entry.put("soft", limit.soft());
    }
    return limits;
  }

  private static int oomScore(long requested, NodeFacts node) {
    if (requested < LOWEST_SCORE || requested > HIGHEST_SCORE) {
      throw new ServiceException.InvalidArgument(
          "linux.resources.oom_score_adj: " + requested + " is not within -1000 to 1000");
    }
    // proc(5): without CAP_SYS_RESOURCE the value cannot go below our own.
    return node.mayLowerOomScore()
        ? (int) requested
        : Math.max((int) requested, node.oomScoreAdj());
  }
}
