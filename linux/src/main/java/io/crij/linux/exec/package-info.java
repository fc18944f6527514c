/**
 * Another program in place of this one, in the same process: which descriptors it gets, and a file
 * in memory that tells it what they are.
 */
@NullMarked
package io.crij.linux.exec;

import org.jspecify.annotations.NullMarked;
