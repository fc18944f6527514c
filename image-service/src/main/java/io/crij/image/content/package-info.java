/**
 * The documents of images (manifests, indexes, configurations) as an OCI image layout, so that
 * other tools can read the store, and the files of artifacts. Layers are not kept as they came:
 * they are in {@code layers}.
 */
@NullMarked
package io.crij.image.content;

import org.jspecify.annotations.NullMarked;
