/**
 * The client of conmon-j: requests to it, what it tells by itself, the descriptors kept for it, and
 * its being there at all.
 */
@NullMarked
package io.crij.runtime.monitor;

import org.jspecify.annotations.NullMarked;
