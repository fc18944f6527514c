@NullMarked
package io.crij.runtime.oci.rootfs;

import org.jspecify.annotations.NullMarked;
