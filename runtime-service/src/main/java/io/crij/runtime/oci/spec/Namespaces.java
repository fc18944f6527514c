package io.crij.runtime.oci.spec;

import io.crij.runtime.oci.node.NodeFacts;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Namespaces made or joined (runtime-spec, config-linux.md, "Namespaces"). */
final class Namespaces {
  private Namespaces() {}

  static ArrayNode of(PodContext pod, NodeFacts node) {
    ArrayNode namespaces = Json.array();
    namespaces.addObject().put("type", "mount");
    UserNamespace user = pod.user();
    join(namespaces, "user", user == null ? null : user.path());
    join(namespaces, "network", pod.network());
    join(namespaces, "ipc", pod.ipc());
    join(namespaces, "uts", pod.uts());
    join(namespaces, "pid", pod.pid());
    if (pod.privatePid()) {
      namespaces.addObject().put("type", "pid");
    }
    if (pod.privateIpc()) {
      namespaces.addObject().put("type", "ipc");
    }
    // In v1 a cgroup namespace would hide the hierarchy from programs that read /proc/self/cgroup
    // and look below /sys/fs/cgroup; both peers make one on v2 only.
    if (node.cgroups().unified()) {
      namespaces.addObject().put("type", "cgroup");
    }
    return namespaces;
  }

  private static void join(ArrayNode namespaces, String type, @Nullable Path path) {
    if (path != null) {
      ObjectNode entry = namespaces.addObject();
      entry.put("type", type);
      entry.put("path", path.toString());
    }
  }
}
