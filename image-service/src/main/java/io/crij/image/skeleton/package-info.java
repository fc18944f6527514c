/**
 * Archives of layers that are unpacked: what is recorded of one while it is unpacked, so that it
 * can be put together again, byte for byte, to be compared with its diff ID, exported or pushed.
 */
@NullMarked
package io.crij.image.skeleton;

import org.jspecify.annotations.NullMarked;
