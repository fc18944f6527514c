/** Programs of the node that are run to their end. */
@NullMarked
package io.crij.runtime.program;

import org.jspecify.annotations.NullMarked;
