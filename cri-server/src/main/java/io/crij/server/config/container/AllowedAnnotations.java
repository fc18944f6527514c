package io.crij.server.config.container;

import io.crij.runtime.settings.PodAnnotation;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Annotations by which pods may ask for something. */
final class AllowedAnnotations {
  private AllowedAnnotations() {}

  static Set<PodAnnotation> parse(Given.Value value, String key) {
    Set<PodAnnotation> allowed = new TreeSet<>();
    for (String name : value.strings()) {
      PodAnnotation annotation = PodAnnotation.find(name);
      if (annotation == null) {
        List<String> known = new ArrayList<>();
        for (PodAnnotation other : PodAnnotation.values()) {
          known.addAll(other.names());
        }
        throw new ConfigException(
            value.origin(), key, "'" + name + "' is none of " + String.join(", ", known));
      }
      allowed.add(annotation);
    }
    return allowed;
  }
}
