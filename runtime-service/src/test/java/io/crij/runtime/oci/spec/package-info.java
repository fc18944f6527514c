@NullMarked
package io.crij.runtime.oci.spec;

import org.jspecify.annotations.NullMarked;
