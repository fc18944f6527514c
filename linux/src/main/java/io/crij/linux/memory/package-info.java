/** The memory of this process. */
@NullMarked
package io.crij.linux.memory;

import org.jspecify.annotations.NullMarked;
