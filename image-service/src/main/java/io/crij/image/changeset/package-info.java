/**
 * What the archive of a layer means (OCI image specification, layer.md, "Image Layer Filesystem
 * Changeset"), whatever is made of it: {@link io.crij.image.changeset.ChangesetReader} reads the
 * archive, sorts out whiteouts and what no archive may bring, and tells a {@link
 * io.crij.image.changeset.ChangesetTarget}.
 */
@NullMarked
package io.crij.image.changeset;

import org.jspecify.annotations.NullMarked;
