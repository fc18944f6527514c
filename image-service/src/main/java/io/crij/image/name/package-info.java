/**
 * How images and their parts are named: references and digests. Values of this package cannot be
 * malformed, so what is built from them (a URL, a path below the store) needs no further check.
 */
@NullMarked
package io.crij.image.name;

import org.jspecify.annotations.NullMarked;
