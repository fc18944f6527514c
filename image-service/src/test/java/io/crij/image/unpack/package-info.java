/** Tests of {@code io.crij.image.unpack}. */
@NullMarked
package io.crij.image.unpack;

import org.jspecify.annotations.NullMarked;
