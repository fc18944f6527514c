/** What the node has and allows, as far as containers depend on it. */
@NullMarked
package io.crij.runtime.oci.node;

import org.jspecify.annotations.NullMarked;
