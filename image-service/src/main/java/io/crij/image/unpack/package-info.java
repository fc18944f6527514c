/**
 * Turns one compressed archive, as a registry serves it, into the folder of a layer.
 *
 * <p>One thread receives, hashes, inflates and hashes again; a second, which Landlock lets write
 * below the layer's folder only, reads the archive and makes files, so nothing in an archive can
 * reach what is outside. Whiteouts become 0:0 devices and opaque folders bear {@code
 * trusted.overlay.opaque}, as overlayfs wants it. A layer is made without those below it; the
 * folders it only implies are listed, for what stacks it.
 */
@NullMarked
package io.crij.image.unpack;

import org.jspecify.annotations.NullMarked;
