/** Tests of {@code io.crij.image.tar}. */
@NullMarked
package io.crij.image.tar;

import org.jspecify.annotations.NullMarked;
