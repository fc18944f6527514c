@NullMarked
package io.crij.runtime.container;

import org.jspecify.annotations.NullMarked;
