/** Images that leave this node: as files in the forms of others. */
@NullMarked
package io.crij.image.export;

import org.jspecify.annotations.NullMarked;
