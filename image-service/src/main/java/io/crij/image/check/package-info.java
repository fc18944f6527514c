/** Finds what of the images is lost or damaged on the disk, and heals it from their registries. */
@NullMarked
package io.crij.image.check;

import org.jspecify.annotations.NullMarked;
