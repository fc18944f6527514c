/** Root file systems of containers: an image's layers under a writable folder, by overlayfs. */
@NullMarked
package io.crij.image.rootfs;

import org.jspecify.annotations.NullMarked;
