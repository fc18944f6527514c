/**
 * {@code registries.conf} and its drop-ins in version 2 (containers-registries.conf(5)): which
 * locations an image is pulled from, and what its short name stands for. A value is checked when it
 * is needed, so a mistake stops only what it concerns.
 */
@NullMarked
package io.crij.image.registry.conf;

import org.jspecify.annotations.NullMarked;
