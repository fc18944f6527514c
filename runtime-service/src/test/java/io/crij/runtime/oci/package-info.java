@NullMarked
package io.crij.runtime.oci;

import org.jspecify.annotations.NullMarked;
