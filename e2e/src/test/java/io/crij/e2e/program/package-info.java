/** Runs programs from tests, and says where the build put them. */
@NullMarked
package io.crij.e2e.program;

import org.jspecify.annotations.NullMarked;
