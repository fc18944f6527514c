/**
 * Unpackers and clients as they must not be written: what hostile input does to them proves that
 * the input is one.
 */
@NullMarked
package io.crij.image.naive;

import org.jspecify.annotations.NullMarked;
