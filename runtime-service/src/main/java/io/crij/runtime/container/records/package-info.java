/**
 * The records of containers: configuration, written once, and where each is in its life, which is
 * replaced.
 */
@NullMarked
package io.crij.runtime.container.records;

import org.jspecify.annotations.NullMarked;
