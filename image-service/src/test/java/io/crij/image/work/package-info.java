/** Tests of shared work. */
@NullMarked
package io.crij.image.work;

import org.jspecify.annotations.NullMarked;
