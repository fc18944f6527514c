@NullMarked
package io.crij.image.catalog;

import org.jspecify.annotations.NullMarked;
