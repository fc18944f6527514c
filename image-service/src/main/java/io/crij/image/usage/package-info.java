/**
 * What is used of the disks that images and containers are on: images by their records, writable
 * layers by a count that is made behind.
 */
@NullMarked
package io.crij.image.usage;

import org.jspecify.annotations.NullMarked;
