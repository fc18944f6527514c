/** What pods are said to have of the node, as a whole. */
@NullMarked
package io.crij.runtime.resources;

import org.jspecify.annotations.NullMarked;
