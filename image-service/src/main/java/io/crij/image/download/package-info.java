/**
 * Brings blobs from registries, so many at a time, the most urgent first. A small one is passed on
 * as it comes. A large one goes through a file, from which its reader follows: so it is resumed
 * where a killed process or a cancelled pull left it, and can come in several ranges at once
 * without being held in memory.
 */
@NullMarked
package io.crij.image.download;

import org.jspecify.annotations.NullMarked;
