/** Takes away what is not needed any more: in the background, and when asked. */
@NullMarked
package io.crij.image.gc;

import org.jspecify.annotations.NullMarked;
