package io.crij.runtime.settings;

import java.util.Set;

/**
 * What pods get that have an annotation.
 *
 * @param activationAnnotation the annotation, whatever its value
 * @param annotationPrefix with a slash and a container's name, the annotation that changes {@code
 *     resources} for this container; empty: none does
 * @param allowed what else its pods may ask for
 */
public record Workload(
    String activationAnnotation,
    String annotationPrefix,
    Set<PodAnnotation> allowed,
    WorkloadResources resources) {
  public Workload {
    allowed = Set.copyOf(allowed);
  }
}
