/** The commands about images and artifacts. */
@NullMarked
package io.crij.cli.image;

import org.jspecify.annotations.NullMarked;
