/** The archives of committed layers, as they were before they were unpacked. */
@NullMarked
package io.crij.image.archive;

import org.jspecify.annotations.NullMarked;
