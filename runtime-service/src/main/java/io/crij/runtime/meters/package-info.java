/**
 * Meters of pods and containers, of what makes them and of the node, for whoever measures: {@code
 * docs/metrics.md} names them. Labels are words of this program and names of the configuration,
 * never a pod's, a container's or an image's.
 */
@NullMarked
package io.crij.runtime.meters;

import org.jspecify.annotations.NullMarked;
