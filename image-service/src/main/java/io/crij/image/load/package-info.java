/** Images that come from files rather than from a registry: OCI image layouts. */
@NullMarked
package io.crij.image.load;

import org.jspecify.annotations.NullMarked;
