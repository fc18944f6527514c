@NullMarked
package io.crij.runtime.oci.seccomp;

import org.jspecify.annotations.NullMarked;
