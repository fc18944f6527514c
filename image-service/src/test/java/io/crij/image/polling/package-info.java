/** How tests wait. */
@NullMarked
package io.crij.image.polling;

import org.jspecify.annotations.NullMarked;
