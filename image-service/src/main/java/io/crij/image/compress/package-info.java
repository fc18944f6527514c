/**
 * The compressions of layers: gzip and zstd, told by their first bytes, and none. What comes is
 * hashed before it is decompressed.
 */
@NullMarked
package io.crij.image.compress;

import org.jspecify.annotations.NullMarked;
