/** The two programs, the ways in which they die, and what must be true of containers after that. */
@NullMarked
package io.crij.e2e.survival;

import org.jspecify.annotations.NullMarked;
