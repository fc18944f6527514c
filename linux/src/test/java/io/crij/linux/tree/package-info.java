/** Tests of files below a root. */
@NullMarked
package io.crij.linux.tree;

import org.jspecify.annotations.NullMarked;
