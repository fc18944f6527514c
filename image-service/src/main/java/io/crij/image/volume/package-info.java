/** Images and artifacts as volumes of containers, read-only (KEP-4639). */
@NullMarked
package io.crij.image.volume;

import org.jspecify.annotations.NullMarked;
