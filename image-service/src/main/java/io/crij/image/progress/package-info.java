/** Where pulls stand, for those who wait for them, and for whoever ends those that stand still. */
@NullMarked
package io.crij.image.progress;

import org.jspecify.annotations.NullMarked;
