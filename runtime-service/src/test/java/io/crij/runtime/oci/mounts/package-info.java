@NullMarked
package io.crij.runtime.oci.mounts;

import org.jspecify.annotations.NullMarked;
