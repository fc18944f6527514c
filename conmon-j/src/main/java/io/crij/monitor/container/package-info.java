/**
 * The containers of the node: made by the OCI runtime, watched until they end, found again by the
 * next monitor.
 */
@NullMarked
package io.crij.monitor.container;

import org.jspecify.annotations.NullMarked;
