package io.crij.runtime.cdi;

import io.crij.runtime.hooks.Hook;
import io.crij.runtime.oci.mounts.SpecMount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container gets with its devices (CDI SPEC.md, "containerEdits").
 *
 * @param groups further groups of its processes
 */
public record Edits(
    Map<String, String> env,
    List<DeviceNode> nodes,
    List<SpecMount> mounts,
    List<Hook> hooks,
    List<Long> groups) {
  public static final Edits NONE = new Edits(Map.of(), List.of(), List.of(), List.of(), List.of());

  /** These, and then {@code more}. */
  Edits and(Edits more) {
    Map<String, String> allEnv = new LinkedHashMap<>(env);
    allEnv.putAll(more.env);
    return new Edits(
        allEnv,
        joined(nodes, more.nodes),
        joined(mounts, more.mounts),
        joined(hooks, more.hooks),
        joined(groups, more.groups));
  }

  private static <E> List<E> joined(List<E> first, List<E> second) {
    List<E> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
