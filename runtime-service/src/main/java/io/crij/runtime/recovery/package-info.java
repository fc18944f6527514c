/** Brings the records of containers and the truth of the node together again at the start. */
@NullMarked
package io.crij.runtime.recovery;

import org.jspecify.annotations.NullMarked;
