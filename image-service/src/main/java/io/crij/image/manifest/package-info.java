/**
 * The documents of the OCI image specification: descriptors, manifests, indexes and image
 * configurations, and their Docker schema 2 counterparts.
 *
 * <p>They come from strangers. The readers here bound size, depth and number of tokens, refuse what
 * is malformed or can be understood in two ways (duplicate keys, an index that is also a manifest,
 * two media types), and say which field of which document is at fault. Such an image is a {@link
 * io.crij.image.ImageException.FailedPrecondition}: nothing on this node can make it right.
 */
@NullMarked
package io.crij.image.manifest;

import org.jspecify.annotations.NullMarked;
