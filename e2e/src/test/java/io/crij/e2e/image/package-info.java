/**
 * The images that the acceptance tests use, made by us from unpacked Debian packages: an OCI image
 * layout whose bytes depend on those packages alone.
 *
 * <p>{@link io.crij.e2e.image.SuiteImages} says which there are and why each is as it is.
 */
@NullMarked
package io.crij.e2e.image;

import org.jspecify.annotations.NullMarked;
