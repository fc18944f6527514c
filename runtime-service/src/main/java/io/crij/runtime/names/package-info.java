/** Ids and names of pods and containers: who holds a name, and what a repeated request gets. */
@NullMarked
package io.crij.runtime.names;

import org.jspecify.annotations.NullMarked;
