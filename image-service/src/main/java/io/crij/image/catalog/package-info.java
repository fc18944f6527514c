/**
 * The images of this node: finding them by the names people and kubelets use, telling about them,
 * removing them with what only they needed.
 */
@NullMarked
package io.crij.image.catalog;

import org.jspecify.annotations.NullMarked;
