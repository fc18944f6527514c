@NullMarked
package io.crij.runtime.json;

import org.jspecify.annotations.NullMarked;
