/** Image stores of others that this node uses and never changes. */
@NullMarked
package io.crij.image.additional;

import org.jspecify.annotations.NullMarked;
