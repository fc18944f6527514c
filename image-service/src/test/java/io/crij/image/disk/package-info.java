@NullMarked
package io.crij.image.disk;

import org.jspecify.annotations.NullMarked;
