/** Undo as data: what a verb has done so far, and how it is taken back. */
@NullMarked
package io.crij.runtime.rollback;

import org.jspecify.annotations.NullMarked;
