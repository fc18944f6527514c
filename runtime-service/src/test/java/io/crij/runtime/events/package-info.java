@NullMarked
package io.crij.runtime.events;

import org.jspecify.annotations.NullMarked;
