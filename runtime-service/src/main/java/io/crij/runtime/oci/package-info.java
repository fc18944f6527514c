/** The OCI runtime: its handlers, its command line. */
@NullMarked
package io.crij.runtime.oci;

import org.jspecify.annotations.NullMarked;
