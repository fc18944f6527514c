/** Tells clients what becomes of pods and containers, as it happens (CRI, GetContainerEvents). */
@NullMarked
package io.crij.runtime.events;

import org.jspecify.annotations.NullMarked;
