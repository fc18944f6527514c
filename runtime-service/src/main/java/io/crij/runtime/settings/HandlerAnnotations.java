package io.crij.runtime.settings;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What annotations mean to the pods of a handler.
 *
 * @param allowed what annotations of its pods may ask for
 * @param defaults annotations of pods that do not have them, believed in as the configuration, and
 *     given to the OCI runtime
 * @param ofPods keys of annotations of pods that are given to the OCI runtime, as {@code
 *     dev.gvisor.*}; a star is any text without a slash
 * @param ofContainers the same of annotations of containers
 */
public record HandlerAnnotations(
    Set<PodAnnotation> allowed,
    Map<String, String> defaults,
    List<String> ofPods,
    List<String> ofContainers) {
  /** Pods may say how large /dev/shm is, and OCI runtimes are told nothing. */
  public static final HandlerAnnotations USUAL =
      new HandlerAnnotations(Set.of(PodAnnotation.SHM_SIZE), Map.of(), List.of(), List.of());

  public HandlerAnnotations {
    allowed = Set.copyOf(allowed);
    defaults = Map.copyOf(defaults);
    ofPods = List.copyOf(ofPods);
    ofContainers = List.copyOf(ofContainers);
  }

  /** These, where pods may ask for others. */
  public HandlerAnnotations withAllowed(Set<PodAnnotation> others) {
    return new HandlerAnnotations(others, defaults, ofPods, ofContainers);
  }

  /** The annotations of a pod, with the defaults for those that it does not have. */
  Map<String, String> withDefaults(Map<String, String> pod) {
    if (defaults.isEmpty()) {
      return pod;
    }
    Map<String, String> all = new HashMap<>(defaults);
    all.putAll(pod);
    return all;
  }

  /** What the OCI runtime is told, by name. */
  public Map<String, String> passed(Map<String, String> pod, Map<String, String> container) {
    Map<String, String> passed = new TreeMap<>(defaults);
    add(passed, pod, ofPods);
    add(passed, container, ofContainers);
    return passed;
  }

  private static void add(
      Map<String, String> passed, Map<String, String> annotations, List<String> keys) {
    for (String key : keys) {
      Pattern pattern = pattern(key);
      annotations.forEach((name, value) -> {
        if (pattern.matcher(name).matches()) {
          passed.put(name, value);
        }
      });
    }
  }

  private static Pattern pattern(String key) {
    return Pattern.compile(Pattern.quote(key).replace("*", "\\E[^/]*\\Q"));
  }
}
