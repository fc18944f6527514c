/**
 * The committed layers, each a folder keyed by its diff ID and made once, whatever image it came
 * in.
 *
 * <p>{@link io.crij.image.layer.LayerStore} has them made, at the same time and never twice, and
 * keeps those a pull still needs; {@link io.crij.image.layer.FixupLayer} gives the folders that
 * layers only imply the attributes they have further down.
 */
@NullMarked
package io.crij.image.layer;

import org.jspecify.annotations.NullMarked;
