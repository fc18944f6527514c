/**
 * Layers as EROFS images (the kernel's Documentation/filesystems/erofs.rst) that hold metadata
 * only, and point into the layer's uncompressed archive as their second device. The entries of an
 * archive become a tree in memory, of bounded size, and the tree becomes an image: no name of an
 * archive is ever a path of the host.
 *
 * <p>Block addresses of an image go on in the archive: block N of the archive, of 512 bytes as the
 * blocks of every tar, is block {@code uniaddr} + N. A file is therefore an inode with a start
 * address, whatever its size; only sparse files need a table. The same archive always leads to the
 * same image, byte for byte.
 *
 * <p>{@link io.crij.image.erofs.ErofsTarget} takes the entries, {@link
 * io.crij.image.erofs.ErofsImage} writes.
 */
@NullMarked
package io.crij.image.erofs;

import org.jspecify.annotations.NullMarked;
