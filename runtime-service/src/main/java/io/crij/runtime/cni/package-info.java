/**
 * The network of pods, by plugins as the Container Network Interface describes them (CNI spec 1.1;
 * configurations of 0.3.0 and newer).
 *
 * <p>{@link io.crij.runtime.cni.PodNetwork} attaches a pod's network namespace and detaches it
 * again with the configuration and the result it was attached with, which are kept in the records.
 * The loopback device is not a plugin's business here: it comes with the namespace.
 */
@NullMarked
package io.crij.runtime.cni;

import org.jspecify.annotations.NullMarked;
