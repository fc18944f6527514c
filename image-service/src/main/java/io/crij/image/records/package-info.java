/** The image service's tables: images with their names, layers and blobs, and who uses them. */
@NullMarked
package io.crij.image.records;

import org.jspecify.annotations.NullMarked;
