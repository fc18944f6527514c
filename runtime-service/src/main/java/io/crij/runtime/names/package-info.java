/**
 * Ids and names of pods and containers, who holds a name and what a repeated request gets; and what
 * texts of requests may look like.
 */
@NullMarked
package io.crij.runtime.names;

import org.jspecify.annotations.NullMarked;
