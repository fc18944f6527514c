/** Tests of the image service as a whole. */
@NullMarked
package io.crij.image;

import org.jspecify.annotations.NullMarked;
