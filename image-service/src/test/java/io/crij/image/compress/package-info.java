@NullMarked
package io.crij.image.compress;

import org.jspecify.annotations.NullMarked;
