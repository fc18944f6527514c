/** A real registry on loopback that serves the test images under the names of public ones. */
@NullMarked
package io.crij.e2e.registry;

import org.jspecify.annotations.NullMarked;
