@NullMarked
package io.crij.image.skeleton;

import org.jspecify.annotations.NullMarked;
