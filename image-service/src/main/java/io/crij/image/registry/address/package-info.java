/**
 * Which of a host's addresses it is reached at (RFC 8305): the one that answers first, the
 * preferred ones asked a moment before the others.
 */
@NullMarked
package io.crij.image.registry.address;

import org.jspecify.annotations.NullMarked;
