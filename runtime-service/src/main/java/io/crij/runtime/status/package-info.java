/** The verbs that tell of the runtime itself. */
@NullMarked
package io.crij.runtime.status;

import org.jspecify.annotations.NullMarked;
