/** What proves to a registry who asks: the credentials of a pull and those of the node. */
@NullMarked
package io.crij.image.registry.auth;

import org.jspecify.annotations.NullMarked;
