/**
 * The verbs on pods: one class each, named as the RPC. {@link io.crij.runtime.pod.Pods} puts them
 * together.
 */
@NullMarked
package io.crij.runtime.pod;

import org.jspecify.annotations.NullMarked;
