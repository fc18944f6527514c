/** Pods and containers. */
@NullMarked
package io.crij.runtime;

import org.jspecify.annotations.NullMarked;
