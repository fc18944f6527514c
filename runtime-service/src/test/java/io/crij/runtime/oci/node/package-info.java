@NullMarked
package io.crij.runtime.oci.node;

import org.jspecify.annotations.NullMarked;
