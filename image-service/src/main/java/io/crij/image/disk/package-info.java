/** Folders of the image store: private ones, and taking large ones away. */
@NullMarked
package io.crij.image.disk;

import org.jspecify.annotations.NullMarked;
