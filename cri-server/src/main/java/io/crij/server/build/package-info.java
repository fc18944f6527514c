/** What the build wrote down of the program. */
@NullMarked
package io.crij.server.build;

import org.jspecify.annotations.NullMarked;
