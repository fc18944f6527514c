/**
 * The rules that the compiler does not check, on the compiled classes and sources of all modules.
 */
@NullMarked
package io.crij.e2e.architecture;

import org.jspecify.annotations.NullMarked;
