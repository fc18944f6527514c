@NullMarked
package io.crij.runtime.oci.apparmor;

import org.jspecify.annotations.NullMarked;
