/** Images: references, registries, content, layers, root file systems. */
@NullMarked
package io.crij.image;

import org.jspecify.annotations.NullMarked;
