/**
 * A private node for a test: the packaged crijd in the test's own folders, and the real crictl
 * talking to it. Nothing here knows the product's classes.
 */
@NullMarked
package io.crij.e2e.node;

import org.jspecify.annotations.NullMarked;
