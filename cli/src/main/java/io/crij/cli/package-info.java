/** The crij command. */
@NullMarked
package io.crij.cli;

import org.jspecify.annotations.NullMarked;
