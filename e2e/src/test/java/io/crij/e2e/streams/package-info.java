/** Clients of streams that a test can hold still, cut off or have break the rules. */
@NullMarked
package io.crij.e2e.streams;

import org.jspecify.annotations.NullMarked;
