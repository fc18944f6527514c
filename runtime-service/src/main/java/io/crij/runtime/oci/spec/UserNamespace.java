package io.crij.runtime.oci.spec;

import io.crij.linux.namespace.IdMapping;
import java.nio.file.Path;
import tools.jackson.databind.node.ArrayNode;

/**
 * The user namespace of a pod, and how it maps ids.
 *
 * @param path where it is pinned
 */
public record UserNamespace(Path path, IdMapping uids, IdMapping gids) {
  /** As {@code uidMappings} and {@code gidMappings} have it (runtime-spec, config-linux.md). */
  static ArrayNode json(IdMapping mapping) {
    ArrayNode json = Json.array();
    json.addObject()
        .put("containerID", 0)
        .put("hostID", mapping.hostId())
        .put("size", mapping.length());
    return json;
  }
}
