/** What an image store tells of itself in a file, for those that use it as an additional one. */
@NullMarked
package io.crij.image.listing;

import org.jspecify.annotations.NullMarked;
