/**
 * OCI artifacts: files that come from a registry as images do, but are no container images. They
 * are volumes of containers, with the names that their manifest gives them.
 */
@NullMarked
package io.crij.image.artifact;

import org.jspecify.annotations.NullMarked;
