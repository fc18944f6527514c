/**
 * Reads tar archives as layers and image archives are made of: ustar, GNU long names, PAX headers,
 * and all forms of sparse files.
 *
 * <p>Names are bytes. Everything a header claims is checked against a limit before memory is spent
 * on it; what is refused (unknown types, sizes that overflow) is refused as a {@link
 * io.crij.image.ImageException.FailedPrecondition}, because reading it again cannot help.
 */
@NullMarked
package io.crij.image.tar;

import org.jspecify.annotations.NullMarked;
