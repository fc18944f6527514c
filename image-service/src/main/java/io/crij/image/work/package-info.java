/** Work that several callers want at the same time and that is done once. */
@NullMarked
package io.crij.image.work;

import org.jspecify.annotations.NullMarked;
