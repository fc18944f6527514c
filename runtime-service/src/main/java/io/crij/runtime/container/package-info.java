/**
 * The verbs on containers: one class each, named as the RPC. {@link
 * io.crij.runtime.container.Containers} puts them together.
 */
@NullMarked
package io.crij.runtime.container;

import org.jspecify.annotations.NullMarked;
