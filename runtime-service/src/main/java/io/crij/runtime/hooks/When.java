package io.crij.runtime.hooks;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The containers that a hook is for: all conditions that are there must hold (oci-hooks(5)).
 *
 * @param annotations of keys by those of values: for each a pod's annotation must match
 * @param commands one of which must match the container's program
 */
record When(
    @Nullable Boolean always,
    Map<Pattern, Pattern> annotations,
    List<Pattern> commands,
    @Nullable Boolean hasBindMounts) {

  /**
   * @param annotations the Kubernetes annotations of the container and its pod
   * @param command the container's program
   * @param hasBindMounts whether its request names mounts
   */
  boolean holds(Map<String, String> annotations, String command, boolean hasBindMounts) {
    boolean says =
        always != null
            || this.hasBindMounts != null
            || !this.annotations.isEmpty()
            || !commands.isEmpty();
    return says
        && !Boolean.FALSE.equals(always)
        && (this.hasBindMounts == null || (this.hasBindMounts && hasBindMounts))
        && annotated(annotations)
        && (commands.isEmpty() || commands.stream().anyMatch(p -> p.matcher(command).find()));
  }

  private boolean annotated(Map<String, String> given) {
    for (Map.Entry<Pattern, Pattern> wanted : annotations.entrySet()) {
      boolean found =
          given.entrySet().stream()
              .anyMatch(entry ->
                  wanted.getKey().matcher(entry.getKey()).find()
                      && wanted.getValue().matcher(entry.getValue()).find());
      if (!found) {
        return false;
      }
    }
    return true;
  }
}
