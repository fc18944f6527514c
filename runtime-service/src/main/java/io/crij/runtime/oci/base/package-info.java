/** What an administrator puts below the specifications that are made for containers. */
@NullMarked
package io.crij.runtime.oci.base;

import org.jspecify.annotations.NullMarked;
